import { between, counted, pointsOf } from './metrics';

const TEXT = `# HELP kubevirt_vmi_cpu_usage_seconds_total Total CPU time spent in all modes.
# TYPE kubevirt_vmi_cpu_usage_seconds_total counter
kubevirt_vmi_cpu_usage_seconds_total{name="web",namespace="default",node="n-1"} 12.5
kubevirt_vmi_cpu_usage_seconds_total{name="web-2",namespace="default",node="n-1"} 99
kubevirt_vmi_memory_available_bytes{name="web",namespace="default",node="n-1"} 2.68435456e+08
kubevirt_vmi_memory_usable_bytes{name="web",namespace="default",node="n-1"} 1.34217728e+08
kubevirt_vmi_network_receive_bytes_total{interface="tap0",name="web",namespace="default",node="n-1"} 1000
kubevirt_vmi_network_receive_bytes_total{interface="tap1",name="web",namespace="default",node="n-1"} 500
kubevirt_vmi_network_receive_bytes_total{interface="tap0",name="web",namespace="other",node="n-1"} 7
`;

describe('what a machine uses', () => {
  it('is told by the backend as points in their time', () => {
    expect(pointsOf({ points: [{ at: 60_000, values: { cpu: 0.5, memory: 512 } }, { at: 120_000, values: {} }] })).toStrictEqual([{
      at: 60_000, cpu: 0.5, memory: 512
    }, { at: 120_000 }]);
  });

  it('is counted by KubeVirt over all of its cards, and no other machine’s', () => {
    expect(Object.fromEntries(counted(TEXT, 'default', 'web'))).toStrictEqual({
      kubevirt_vmi_cpu_usage_seconds_total:     12.5,
      kubevirt_vmi_memory_available_bytes:      268435456,
      kubevirt_vmi_memory_usable_bytes:         134217728,
      kubevirt_vmi_network_receive_bytes_total: 1500,
    });
    expect(counted(TEXT, 'default', 'nobody').size).toBe(0);
  });

  const at = (seconds: number, cpu: number) => ({ at: seconds * 1000, sums: new Map([['kubevirt_vmi_cpu_usage_seconds_total', cpu]]) });

  it.each([
    ['what was counted meanwhile', at(0, 10), at(10, 15), { at: 10_000, cpu: 0.5 }],
    ['nothing yet, the first time', undefined, at(10, 15), { at: 10_000 }],
    ['nothing of a life that has begun anew', at(0, 10), at(10, 1), { at: 10_000 }],
  ])('is, at a moment, %s', (_reason, before, now, want) => {
    expect(between(before, now)).toStrictEqual(want);
  });
});
