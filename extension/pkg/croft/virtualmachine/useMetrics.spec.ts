import { flushPromises, mount } from '@vue/test-utils';
import * as client from '../api/client';
import { useMetrics, type Metrics } from './useMetrics';

const TARGET = {
  site: 'c-m-1', namespace: 'default', name: 'web'
};
const PROXY = '/k8s/clusters/c-m-1/api/v1/namespaces/';
const USED = '/k8s/clusters/c-m-1/v1/harvester/kubevirt.io.virtualmachine/default/web/metrics';
const cpu = (seconds: number) => `kubevirt_vmi_cpu_usage_seconds_total{name="web",namespace="default"} ${ seconds }\n`;

describe('what a machine uses is asked', () => {
  const request = jest.spyOn(client, 'request');
  let seen: Metrics;
  let page: ReturnType<typeof mount>;
  let asked: string[];

  async function open(answer: (url: string) => unknown) {
    asked = [];
    request.mockReset().mockImplementation(async(url) => {
      asked.push(decodeURIComponent(url));

      return answer(url);
    });
    page = mount({
      setup() {
        seen = useMetrics(TARGET, () => 'node-1');

        return () => null;
      }
    });
    await flushPromises();
  }

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    page.unmount();
    jest.useRealTimers();
  });

  it('of the site’s Prometheus, about the last hour', async() => {
    await open(() => ({ points: [{ at: 60_000, values: { cpu: 1, memory: 1 } }] }));

    expect(seen.source.value).toBe('prometheus');
    expect(seen.points.value).toStrictEqual([{
      at: 60_000, cpu: 1, memory: 1
    }]);
    expect(asked).toStrictEqual([USED]);
  });

  it('of KubeVirt on the machine’s node where there is none, from then on', async() => {
    let seconds = 10;

    await open((url) => {
      if (url === USED) {
        throw client.errorOf(503, { message: 'No Prometheus is known at this site.' });
      }

      return url.includes('/proxy/metrics') ? cpu(seconds) : { items: [{ metadata: { namespace: 'kubevirt', name: 'virt-handler-x' } }] };
    });
    expect([seen.source.value, seen.trouble.value, seen.points.value.length]).toStrictEqual(['kubevirt', undefined, 1]);
    expect(asked.slice(1)).toStrictEqual([
      '/k8s/clusters/c-m-1/api/v1/pods?labelSelector=kubevirt.io=virt-handler&fieldSelector=spec.nodeName=node-1',
      `${ PROXY }kubevirt/pods/https:virt-handler-x:8443/proxy/metrics`,
    ]);

    seconds = 15;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(seen.points.value[1]).toMatchObject({ cpu: 0.5 });
    expect(asked).toHaveLength(5);
  });

  it('of KubeVirt while Prometheus knows nothing of a new machine, which then tells it', async() => {
    let points: unknown[] = [];

    await open((url) => {
      if (url === USED) {
        return { points };
      }

      return url.includes('/proxy/metrics') ? cpu(10) : { items: [{ metadata: { namespace: 'kubevirt', name: 'virt-handler-x' } }] };
    });
    expect(seen.source.value).toBe('kubevirt');

    points = [{ at: 60_000, values: { cpu: 1 } }];
    await jest.advanceTimersByTimeAsync(10_000);
    expect([seen.source.value, seen.points.value]).toStrictEqual(['prometheus', [{ at: 60_000, cpu: 1 }]]);
  });

  it('of Prometheus alone where the handler may not be asked, however little it knows yet', async() => {
    await open((url) => {
      if (url === USED) {
        return { points: [] };
      }
      throw client.errorOf(403, { message: 'pods is forbidden' });
    });

    expect([seen.source.value, seen.trouble.value, seen.points.value]).toStrictEqual(['prometheus', undefined, []]);
  });

  it('of KubeVirt when a Prometheus that knew nothing is gone, as on a site that never had one', async() => {
    let failing = false;

    await open((url) => {
      if (url === USED && !failing) {
        return { points: [] };
      }
      throw client.errorOf(503, { message: failing && url !== USED ? 'the node does not answer' : 'nobody' });
    });
    failing = true;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(seen.trouble.value).toStrictEqual({ text: 'the node does not answer' });
  });

  it('in vain of who may ask neither, which is said', async() => {
    await open(() => {
      throw client.errorOf(403, { message: 'pods is forbidden' });
    });

    expect([seen.source.value, seen.trouble.value]).toStrictEqual([undefined, { text: 'pods is forbidden' }]);
  });
});
