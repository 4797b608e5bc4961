import type { VirtualMachine } from '../api/kubevirt';
import { formOf, knownOf } from './forms';

const vm: VirtualMachine = {
  metadata: { name: 'web' },
  spec:     {
    template: {
      spec: {
        domain: {
          cpu: { sockets: 2 }, resources: { limits: { memory: '1Gi' } }, devices: {}
        }
      }
    }
  }
};

describe('the forms of a machine', () => {
  it.each([
    ['what is done at once', 'start', undefined],
    ['a clone', 'clone', ['targetVm', 'runStrategy']],
    ['a disc, in the words of the wire', 'insertCdRomVolume', ['DeviceName', 'imageName']],
  ])('ask for the fields of %s', (_reason, entry, want) => {
    const form = formOf(entry);

    expect(form && Object.keys(form)).toStrictEqual(want);
  });

  it.each([
    ['what it has', 'cpuAndMemoryHotplug', vm, { sockets: '2', memory: '1Gi' }],
    ['one socket where nothing is said', 'cpuAndMemoryHotplug', undefined, { sockets: '1', memory: '' }],
    ['nothing where nothing is changed', 'clone', vm, {}],
  ])('begin with %s', (_reason, entry, machine, want) => {
    expect(knownOf(entry, machine)).toStrictEqual(want);
  });
});
