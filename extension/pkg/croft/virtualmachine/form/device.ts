/** The devices of its node that a machine is given: of PCI and USB, and graphics cards. One that is claimed dynamically stays as it is. */
import type { HostDevice, VirtualMachine } from '../../api/kubevirt';
import type { Sentence } from '../../display/sentence';

export interface MachineDevice {
  name: string;
  /** What nodes offer it as, such as `nvidia.com/TU104GL_Tesla_T4`. */
  deviceName: string;
  /** A graphics card shows what the guest draws. */
  kind: 'host' | 'gpu';
}

export const DEVICE_KINDS = ['host', 'gpu'] as const;
const LISTS = { host: 'hostDevices', gpu: 'gpus' } as const;

/** Another device beside those that are there. */
export function newDevice(others: MachineDevice[]): MachineDevice {
  let n = others.length;

  while (others.some(({ name }) => name === `device-${ n }`)) {
    n++;
  }

  return {
    name: `device-${ n }`, deviceName: '', kind: 'host'
  };
}

export function devicesOf({ spec: { template: { spec: { domain: { devices } } } } }: VirtualMachine): MachineDevice[] {
  return DEVICE_KINDS.flatMap((kind) => (devices[LISTS[kind]] ?? []).flatMap(({ name, deviceName }) => deviceName ? [{
    name, deviceName, kind
  }] : []));
}

/** Puts devices in the place of those that the machine had. */
export function putDevices({ spec: { template: { spec: { domain } } } }: VirtualMachine, wanted: MachineDevice[]): void {
  const { hostDevices, gpus, ...devices } = domain.devices;
  const had = { hostDevices, gpus };

  domain.devices = devices;
  for (const kind of DEVICE_KINDS) {
    const before: HostDevice[] = had[LISTS[kind]] ?? [];
    const all = [
      ...wanted.filter((one) => one.kind === kind).map(({ name, deviceName }) => ({
        ...before.find((one) => one.name === name), name, deviceName
      })),
      ...before.filter(({ deviceName }) => !deviceName),
    ];

    if (all.length) {
      domain.devices[LISTS[kind]] = all;
    }
  }
}

/** The nth device of a kind, among those of the form. */
export function deviceAt(kind: MachineDevice['kind'], n: number, devices: MachineDevice[]): number {
  return devices.flatMap((one, i) => one.kind === kind ? [i] : [])[n] ?? 0;
}

export function unlessDevice({ deviceName }: MachineDevice): Sentence | undefined {
  return deviceName ? undefined : { key: 'croft.form.error.required' };
}
