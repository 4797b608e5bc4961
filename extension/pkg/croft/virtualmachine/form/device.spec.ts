import {
  deviceAt, devicesOf, newDevice, putDevices, type MachineDevice
} from './device';
import { bare } from './object';

const HAD = {
  hostDevices: [{
    name: 'nic', deviceName: 'a/nic', tag: 't'
  }, { name: 'claimed', claimName: 'c' } as never],
  gpus: [{ name: 'gpu', deviceName: 'a/gpu' }]
};
const nic: MachineDevice = {
  name: 'nic', deviceName: 'a/nic', kind: 'host'
};
const gpu: MachineDevice = {
  name: 'gpu', deviceName: 'a/gpu', kind: 'gpu'
};

const machine = (devices: object = {}) => {
  const vm = bare();

  Object.assign(vm.spec.template.spec.domain.devices, devices);

  return vm;
};
const put = (had: object, devices: MachineDevice[]) => {
  const vm = machine(had);

  putDevices(vm, devices);

  return vm.spec.template.spec.domain.devices;
};

describe('the devices of a machine', () => {
  it('are those that go by a name', () => {
    expect(devicesOf(machine(HAD))).toStrictEqual([nic, gpu]);
  });

  it.each<[string, object, MachineDevice[], object]>([
    ['none', {}, [], {}],
    ['new ones', {}, [gpu, nic], { hostDevices: [{ name: 'nic', deviceName: 'a/nic' }], gpus: [{ name: 'gpu', deviceName: 'a/gpu' }] }],
    ['the same', HAD, [nic, gpu], HAD],
    ['less, and what goes by no name', HAD, [], { hostDevices: [HAD.hostDevices[1]] }],
  ])('are written: %s', (_reason, had, devices, want) => {
    expect(put(had, devices)).toStrictEqual(want);
  });

  it('have names of their own, and places by their kind', () => {
    expect(newDevice([{ ...nic, name: 'device-1' }]).name).toBe('device-2');
    expect([deviceAt('gpu', 0, [nic, gpu, nic]), deviceAt('host', 1, [nic, gpu, nic])]).toStrictEqual([1, 2]);
  });
});
