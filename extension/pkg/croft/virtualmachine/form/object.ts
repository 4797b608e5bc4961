/**
 * A machine's object and its form, both ways. What the form does not hold, and what was not changed on it, stays in the
 * object as it is: a machine that somebody else made is edited like one's own.
 */
import type { VirtualMachine } from '../../api/kubevirt';
import { parse } from '../../display/quantity';
import type { KeyPair } from '../../keypair/keypair';
import { putRules, rulesOf } from './affinity';
import { gibOf, quantityOf } from './amount';
import { cardsOf, putCards } from './card';
import { keysOf, userDataOf } from '../cloudinit';
import { credentialsOf, putCredentials } from './credential';
import { devicesOf, putDevices } from './device';
import { disksOf, putDisks, type Making } from './disk';
import { EMPTY, type Field, type Form } from './form';

const CLOUD_INIT = 'cloudinitdisk';
const DESCRIPTION = 'field.cattle.io/description';
const HOSTNAME = 'kubernetes.io/hostname';
const KEYS = 'harvesterhci.io/sshNames';
const MACHINE_NAME = 'harvesterhci.io/vmName';
const MAINTENANCE = 'harvesterhci.io/maintain-mode-strategy';
const TYPES = { site: 'VirtualMachineClusterInstancetype', namespace: 'VirtualMachineInstancetype' };

/** What is known of the site where the machine is put together. */
export interface Known extends Making {
  pairs: KeyPair[];
}

/** A machine with what no form asks about, and nothing else. */
export function bare(): VirtualMachine {
  return {
    type:       'kubevirt.io.virtualmachine',
    apiVersion: 'kubevirt.io/v1',
    kind:       'VirtualMachine',
    metadata:   { name: '', labels: { 'harvesterhci.io/creator': 'harvester' } },
    spec:       {
      template: {
        // Harvester's Terraform provider reads no machine that does not name its keys.
        metadata: { annotations: { [KEYS]: '[]' } },
        spec:     {
          evictionStrategy: 'LiveMigrateIfPossible', terminationGracePeriodSeconds: 120, domain: { features: { acpi: { enabled: true } }, devices: {} }
        },
      },
    },
  };
}

function documentOf(vm: VirtualMachine) {
  return vm.spec.template.spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud)?.cloudInitNoCloud;
}

/** Whether the machine's cloud-init document is in a Secret, where the form does not look. */
export function isSecret(vm: VirtualMachine): boolean {
  return !!documentOf(vm)?.secretRef;
}

function typeOf({ instancetype }: VirtualMachine['spec']): string {
  return instancetype ? `${ instancetype.kind === TYPES.namespace ? '/' : '' }${ instancetype.name }` : '';
}

/** The form of a machine of a site. */
export function read(vm: VirtualMachine, site: string): Form {
  const { metadata, spec } = vm;
  const { domain, nodeSelector } = spec.template.spec;
  const { limits, requests } = domain.resources ?? {};
  const efi = domain.firmware?.bootloader?.efi;
  const cloudInit = documentOf(vm);
  const cores = domain.cpu?.cores ?? (domain.cpu ? 1 : Math.max(1, Math.ceil(parse(limits?.cpu ?? requests?.cpu) || 1)));

  return {
    ...EMPTY,
    site,
    namespace:    metadata.namespace ?? '',
    name:         metadata.name,
    description:  metadata.annotations?.[DESCRIPTION] ?? '',
    instanceType: typeOf(spec),
    cores,
    sockets:      domain.cpu?.sockets ?? 1,
    threads:      domain.cpu?.threads ?? 1,
    memory:       gibOf(limits?.memory ?? domain.memory?.guest ?? requests?.memory),
    disks:        disksOf(vm),
    cards:        cardsOf(vm),
    userData:     cloudInit?.userData ?? '',
    networkData:  cloudInit?.networkData ?? '',
    credentials:  credentialsOf(vm),
    efi:          !!efi,
    secureBoot:   !!efi && efi.secureBoot !== false,
    tpm:          !!domain.devices.tpm && domain.devices.tpm.enabled !== false,
    devices:      devicesOf(vm),
    runStrategy:  spec.runStrategy ?? '',
    node:         nodeSelector?.[HOSTNAME] ?? '',
    maintenance:  metadata.labels?.[MAINTENANCE] ?? '',
    rules:        rulesOf(vm),
  };
}

/** A map with a key that has a value, or without it. */
function keyed(map: Record<string, string> | undefined, key: string, value: string): Record<string, string> {
  const { [key]: _was, ...rest } = map ?? {};

  return value ? { ...rest, [key]: value } : rest;
}

function putIdentity({ metadata, spec: { template } }: VirtualMachine, { name, namespace }: Form): void {
  metadata.name = name;
  metadata.namespace = namespace;
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [MACHINE_NAME]: name } };
  template.spec.hostname = name;
}

function putSize({ spec }: VirtualMachine, form: Form): void {
  const { domain } = spec.template.spec;
  const {
    cores, sockets, threads, memory
  } = form;
  const { cpu: _limit, memory: _memory, ...limits } = domain.resources?.limits ?? {};
  const { cpu: _request, memory: _requested, ...requests } = domain.resources?.requests ?? {};
  const { guest: _guest, ...rest } = domain.memory ?? {};

  delete domain.memory;
  delete spec.instancetype;
  // The site fills in what it requests, and the guest's own memory, by its settings.
  if (Object.keys(rest).length) {
    domain.memory = rest;
  }
  domain.resources = {
    ...domain.resources, ...(Object.keys(requests).length ? { requests } : {}), limits
  };
  if (!Object.keys(requests).length) {
    delete domain.resources.requests;
  }
  if (form.instanceType) {
    delete domain.cpu;
    spec.instancetype = { kind: form.instanceType.startsWith('/') ? TYPES.namespace : TYPES.site, name: form.instanceType.replace('/', '') };
  } else {
    domain.cpu = {
      ...domain.cpu, cores, sockets, threads
    };
    domain.resources.limits = {
      ...limits, cpu: String(cores * sockets * threads), memory: quantityOf(memory)
    };
  }
  if (!Object.keys(domain.resources.limits ?? {}).length) {
    delete domain.resources.limits;
  }
}

function putCloudInit(vm: VirtualMachine, form: Form, { pairs }: Known): void {
  const { spec, metadata } = vm.spec.template;
  const had = spec.volumes?.find(({ cloudInitNoCloud }) => cloudInitNoCloud);
  const chosen = form.keys.flatMap((id) => pairs.find((pair) => `${ pair.metadata.namespace }/${ pair.metadata.name }` === id)?.spec.publicKey.trim() ?? []);
  const userData = userDataOf(form.userData, [...chosen, ...keysOf(form.sshKey)].join('\n'));
  const { networkData: _network, ...rest } = had?.cloudInitNoCloud ?? {};
  const cloudInitNoCloud = {
    ...rest, userData: userData || '#cloud-config\n', ...(form.networkData.trim() ? { networkData: form.networkData } : {})
  };

  if (had) {
    spec.volumes = spec.volumes?.map((volume) => volume === had ? { ...volume, cloudInitNoCloud } : volume);
  } else {
    spec.domain.devices.disks = [...spec.domain.devices.disks ?? [], { name: CLOUD_INIT, disk: { bus: 'virtio' } }];
    spec.volumes = [...spec.volumes ?? [], { name: CLOUD_INIT, cloudInitNoCloud }];
  }
  if (form.keys.length) {
    vm.spec.template.metadata = { ...metadata, annotations: { ...metadata?.annotations, [KEYS]: JSON.stringify(form.keys) } };
  }
}

function putFirmware({ spec: { template: { spec: { domain } } } }: VirtualMachine, { efi, secureBoot, tpm }: Form): void {
  const { bootloader, ...firmware } = domain.firmware ?? {};
  const { smm, ...features } = domain.features ?? {};
  const { tpm: had, ...devices } = domain.devices;

  domain.firmware = { ...firmware, ...(efi ? { bootloader: { efi: { ...bootloader?.efi, secureBoot } } } : {}) };
  if (!Object.keys(domain.firmware).length) {
    delete domain.firmware;
  }
  // KubeVirt checks signatures only where the firmware has a mode of its own.
  if (domain.features || secureBoot) {
    domain.features = { ...features, ...(efi && secureBoot ? { smm: { ...smm, enabled: true } } : {}) };
  }
  domain.devices = { ...devices, ...(tpm ? { tpm: had?.enabled === false ? {} : had ?? {} } : {}) };
}

/** A part of the form: its fields, and how they come into the object. */
interface Part {
  fields: Field[];
  put(vm: VirtualMachine, form: Form, before: Form, known: Known): void;
}

const PARTS: Part[] = [
  { fields: ['namespace', 'name'], put: putIdentity },
  {
    fields: ['description'],
    put:    ({ metadata }, { description }) => {
      metadata.annotations = keyed(metadata.annotations, DESCRIPTION, description.trim());
    }
  },
  { fields: ['instanceType', 'cores', 'sockets', 'threads', 'memory'], put: putSize },
  { fields: ['disks'], put: (vm, form, before, known) => putDisks(vm, before.disks, form.disks, known) },
  { fields: ['cards'], put: (vm, { cards }) => putCards(vm, cards) },
  { fields: ['keys', 'sshKey', 'userData', 'networkData'], put: (vm, form, _before, known) => putCloudInit(vm, form, known) },
  { fields: ['credentials'], put: (vm, { credentials }, _before, { random }) => putCredentials(vm, credentials, random) },
  { fields: ['efi', 'secureBoot', 'tpm'], put: putFirmware },
  { fields: ['devices'], put: (vm, { devices }) => putDevices(vm, devices) },
  { fields: ['rules'], put: (vm, { rules }) => putRules(vm, rules) },
  {
    fields: ['runStrategy'],
    put:    ({ spec }, { runStrategy }) => {
      spec.runStrategy = runStrategy;
    }
  },
  {
    fields: ['node'],
    put:    ({ spec: { template: { spec } } }, { node }) => {
      spec.nodeSelector = keyed(spec.nodeSelector, HOSTNAME, node);
      if (!Object.keys(spec.nodeSelector).length) {
        delete spec.nodeSelector;
      }
    }
  },
  {
    fields: ['maintenance'],
    put:    ({ metadata }, { maintenance }) => {
      metadata.labels = keyed(metadata.labels, MAINTENANCE, maintenance);
    }
  },
];

/** The fields that are not as they were. */
export function changed(before: Form, after: Form): Field[] {
  return (Object.keys(after) as Field[]).filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}

/** The object with what was changed on its form. */
export function written(base: VirtualMachine, before: Form, after: Form, known: Known): VirtualMachine {
  const vm = JSON.parse(JSON.stringify(base)) as VirtualMachine;
  const fields = changed(before, after);

  PARTS.filter((part) => part.fields.some((field) => fields.includes(field))).forEach(({ put }) => put(vm, after, before, known));

  return vm;
}

/** What a new machine begins with: an object and what its form is compared with, so that all of the form comes into it. */
export function beginning(): { base: VirtualMachine; before: Form } {
  const base = bare();

  return {
    base,
    before: {
      ...read(base, ''), runStrategy: '', cores: NaN, disks: [], cards: [], userData: ''
    }
  };
}

/** The form of a machine that is yet to be made: its volumes are named after it. */
export function readNew(vm: VirtualMachine, site: string): Form {
  const form = read(vm, site);

  return { ...form, disks: form.disks.map((disk) => disk.source === 'volume' ? disk : { ...disk, claim: '' }) };
}

/** A new machine of a form. */
export function machineOf(form: Form, known: Known): VirtualMachine {
  const { base, before } = beginning();

  return written(base, before, form, known);
}
