import { limited, machinesOf, newQuota } from './quota';

describe('a quota', () => {
  const quota = newQuota({ namespace: 'default', namespaceTotalSnapshotSizeQuota: ' 2Gi ' });

  it('is made in bytes, by the name that its namespace has for it', () => {
    expect(quota.metadata).toStrictEqual({ namespace: 'default', name: 'default-resource-quota' });
    expect(quota.spec).toStrictEqual({ snapshotLimit: { namespaceTotalSnapshotSizeQuota: 2 * 2 ** 30 } });
  });

  it('keeps the limits of machines when that of the namespace changes', () => {
    const machines = { web: 2 ** 30 };
    const changed = limited({ ...quota, spec: { snapshotLimit: { vmTotalSnapshotSizeQuota: machines } } }, '1Gi');

    expect(changed.spec?.snapshotLimit).toStrictEqual({ vmTotalSnapshotSizeQuota: machines, namespaceTotalSnapshotSizeQuota: 2 ** 30 });
    expect(machinesOf(changed)).toBe('web: 1 GiB');
  });
});
