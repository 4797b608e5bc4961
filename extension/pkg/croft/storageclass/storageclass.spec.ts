import { isDefault, newStorageClass, withDefault } from './storageclass';

const values = {
  name: 'fast', provisioner: 'driver.longhorn.io', numberOfReplicas: '2', reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate'
};

describe('a storage class', () => {
  it.each([
    ['Longhorn is told how many replicas', 'driver.longhorn.io', '2'],
    ['another driver is not', 'csi.example.org', undefined],
  ])('is made: %s', (_reason, provisioner, want) => {
    expect(newStorageClass({ ...values, provisioner }).parameters?.numberOfReplicas).toBe(want);
  });

  it('becomes the default and stops being it', () => {
    const made = newStorageClass(values);

    expect([made, withDefault(made, true), withDefault(withDefault(made, true), false)].map(isDefault)).toStrictEqual([false, true, false]);
  });
});
