/** A machine's page in tables: what its spec asks for, with what its instance says of it. */
import jsyaml from 'js-yaml';
import type {
  Disk, Instance, InstanceSpec, VirtualMachine, Volume
} from '../api/kubevirt';
import { parse } from '../display/quantity';

export interface DiskRow {
  name: string;
  bus: string;
  bootOrder: string;
  /** Where its bytes are: a claim, an image, the cloud-init document. */
  source: string;
  kind: 'claim' | 'containerDisk' | 'cloudInit' | 'other';
}

export interface NetworkRow {
  name: string;
  network: string;
  model: string;
  mac: string;
  addresses: string[];
}

export interface Summary {
  cores: number;
  /** Bytes, 0 where unknown. */
  memory: number;
}

export function summary(spec: InstanceSpec): Summary {
  const { cores = 1, sockets = 1, threads = 1 } = spec.domain.cpu ?? {};
  const asked = spec.domain.memory?.guest ?? spec.domain.resources?.limits?.memory ?? spec.domain.resources?.requests?.memory;

  return { cores: cores * sockets * threads, memory: parse(asked) || 0 };
}

function sourceOf(volume: Volume | undefined): Pick<DiskRow, 'source' | 'kind'> {
  if (volume?.persistentVolumeClaim) {
    return { kind: 'claim', source: volume.persistentVolumeClaim.claimName };
  }
  if (volume?.dataVolume) {
    return { kind: 'claim', source: volume.dataVolume.name };
  }
  if (volume?.containerDisk) {
    return { kind: 'containerDisk', source: volume.containerDisk.image };
  }
  if (volume?.cloudInitNoCloud) {
    return { kind: 'cloudInit', source: '' };
  }

  return { kind: 'other', source: '' };
}

function busOf(disk: Disk): string {
  return disk.disk?.bus ?? disk.cdrom?.bus ?? '';
}

export function disks(spec: InstanceSpec): DiskRow[] {
  return (spec.domain.devices.disks ?? []).map((disk) => ({
    name:      disk.name,
    bus:       busOf(disk),
    bootOrder: disk.bootOrder ? String(disk.bootOrder) : '',
    ...sourceOf(spec.volumes?.find((v) => v.name === disk.name)),
  }));
}

function trays(vm: VirtualMachine, filled: boolean): string[] {
  const { domain, volumes } = vm.spec.template.spec;

  return (domain.devices.disks ?? [])
    .filter((disk) => disk.cdrom && !!volumes?.some((volume) => volume.name === disk.name) === filled)
    .map((disk) => disk.name);
}

/** CD-ROM drives without a disc. */
export const emptyTrays = (vm: VirtualMachine) => trays(vm, false);

/** CD-ROM drives with one. */
export const filledTrays = (vm: VirtualMachine) => trays(vm, true);

export function networks(spec: InstanceSpec, instance?: Instance): NetworkRow[] {
  return (spec.domain.devices.interfaces ?? []).map((nic) => {
    const seen = instance?.status?.interfaces?.find((i) => i.name === nic.name);
    const network = spec.networks?.find((n) => n.name === nic.name);

    return {
      name:      nic.name,
      network:   network?.multus?.networkName ?? '',
      model:     nic.model ?? '',
      mac:       seen?.mac ?? nic.macAddress ?? '',
      addresses: seen?.ipAddresses ?? (seen?.ipAddress ? [seen.ipAddress] : []),
    };
  });
}

/** What Steve adds to an object's metadata, and what kubectl does not show of it. */
const HIDDEN = ['state', 'fields', 'relationships', 'managedFields'];

/** The object as kubectl would show it. */
export function yamlOf({
  apiVersion, kind, metadata, spec, status
}: VirtualMachine): string {
  const shown = Object.fromEntries(Object.entries(metadata).filter(([field]) => !HIDDEN.includes(field)));

  return jsyaml.dump({
    apiVersion, kind, metadata: shown, spec, ...(status ? { status } : {})
  }, { lineWidth: -1 });
}

/** One life of a machine at one place: a console reaches no further. */
export function lifeOf(instance?: Instance): string {
  return instance ? `${ instance.metadata.uid }/${ instance.status?.nodeName ?? '' }` : '';
}
