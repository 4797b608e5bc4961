/** The disks of a machine's form that lie on volumes. Drives without a volume and other kinds of disks are left as they are. */
import type { Option } from '../../action/choice';
import type { Image } from '../../api/image';
import type { ClaimTemplate, Disk, VirtualMachine, Volume } from '../../api/kubevirt';
import type { Sentence } from '../../display/sentence';
import { idOf } from '../../image/image';
import { unlessOrder, unlessSize } from '../../machine-config/disk';
import { sizeOf, type Volume as Claim } from '../../volume/volume';
import { gibOf, quantityOf } from './amount';

export const CLAIMS = 'harvesterhci.io/volumeClaimTemplates';
const OWNED = 'harvesterhci.io/owned-by';
const IMAGE = 'harvesterhci.io/imageId';

/** Where a disk's bytes come from: an image, nowhere, or a volume that exists. */
export const SOURCES = ['image', 'blank', 'volume'] as const;
export type Source = typeof SOURCES[number];

export interface MachineDisk {
  name: string;
  source: Source;
  /** `namespace/name` of the image, of a disk that is made of one. */
  imageName: string;
  /** The volume's name; empty for one that is yet to be made. */
  claim: string;
  /** Empty for the image's, or the site's. */
  storageClassName: string;
  /** GiB; NaN where the machine does not say it. */
  size: number;
  /** The disk to boot from is 1; 0 is none. */
  bootOrder: number;
  bus: string;
  type: 'disk' | 'cd-rom';
  /** It comes and goes while the machine runs. */
  pluggable: boolean;
}

/** Buses with places for disks that come while a machine runs. */
const PLUGS = ['scsi', 'virtio'];

/** Another disk beside those that are there. The first is the one to boot from. */
export function newDisk(others: MachineDisk[], taken: string[] = []): MachineDisk {
  const names = [...others.map(({ name }) => name), ...taken];
  let n = others.length;

  while (names.includes(`disk-${ n }`)) {
    n++;
  }

  return {
    name: `disk-${ n }`, source: others.length ? 'blank' : 'image', imageName: '', claim: '', storageClassName: '', size: 10, bootOrder: others.length ? 0 : 1, bus: 'virtio', type: 'disk', pluggable: false
  };
}

export function claimTemplatesOf(vm: VirtualMachine): ClaimTemplate[] {
  return JSON.parse(vm.metadata.annotations?.[CLAIMS] || '[]');
}

function claimOf(volume: Volume | undefined): string {
  return volume?.persistentVolumeClaim?.claimName ?? volume?.dataVolume?.name ?? '';
}

/** The disks of a machine that lie on volumes. */
export function disksOf(vm: VirtualMachine): MachineDisk[] {
  const { domain, volumes = [] } = vm.spec.template.spec;
  const templates = claimTemplatesOf(vm);

  return (domain.devices.disks ?? []).filter(({ lun }) => !lun).flatMap((disk): MachineDisk[] => {
    const claim = claimOf(volumes.find(({ name }) => name === disk.name));
    const template = templates.find(({ metadata }) => metadata.name === claim);
    // An image that is named as none is one that is yet to be named, as templates have them.
    const imageName = template?.metadata.annotations?.[IMAGE];
    const volume = volumes.find(({ name }) => name === disk.name)?.persistentVolumeClaim;

    return claim ? [{
      name:             disk.name,
      source:           imageName !== undefined ? 'image' : template ? 'blank' : 'volume',
      imageName:        imageName ?? '',
      claim,
      storageClassName: template?.spec.storageClassName ?? '',
      size:             gibOf(template?.spec.resources.requests.storage),
      bootOrder:        disk.bootOrder ?? 0,
      bus:              disk.cdrom?.bus ?? disk.disk?.bus ?? '',
      type:             disk.cdrom ? 'cd-rom' : 'disk',
      pluggable:        !!volume?.hotpluggable,
    }] : [];
  });
}

function entryOf(disk: MachineDisk, had: Disk | undefined): Disk {
  const {
    disk: _disk, cdrom: _cdrom, bootOrder: _order, ...rest
  } = had ?? { name: disk.name };
  const kind = disk.type === 'cd-rom' ? 'cdrom' : 'disk';

  return {
    ...rest, ...(disk.bootOrder ? { bootOrder: disk.bootOrder } : {}), [kind]: { ...had?.[kind], ...(disk.bus ? { bus: disk.bus } : {}) }
  };
}

function templateOf(disk: MachineDisk, claim: string, had: ClaimTemplate | undefined, images: Image[]): ClaimTemplate {
  const image = images.find((one) => idOf(one) === disk.imageName);
  const storageClassName = disk.storageClassName || (disk.source === 'image' ? image?.status?.storageClassName : undefined);
  const requests = had?.spec.resources.requests;
  const storage = requests && gibOf(requests.storage) === disk.size ? requests.storage : quantityOf(disk.size);
  const { [IMAGE]: _image, ...annotations } = had?.metadata.annotations ?? {};
  const all = { ...annotations, ...(disk.source === 'image' ? { [IMAGE]: disk.imageName } : {}) };
  const { storageClassName: _class, ...spec } = had?.spec ?? {
    accessModes: ['ReadWriteMany'], volumeMode: 'Block', resources: { requests: {} }
  };

  return {
    ...had,
    metadata: {
      ...had?.metadata, name: claim, ...(Object.keys(all).length ? { annotations: all } : {})
    },
    spec: {
      ...spec, ...(storageClassName ? { storageClassName } : {}), resources: { ...spec.resources, requests: { ...requests, storage } }
    },
  };
}

/** What the disks are put into a machine with. */
export interface Making {
  images: Image[];
  /** Tells the volumes of namesakes apart. */
  random: string;
}

/** Puts disks in the place of those that the machine had. Volumes of disks that go stay at the site. */
export function putDisks(vm: VirtualMachine, before: MachineDisk[], disks: MachineDisk[], { images, random }: Making): void {
  const { spec } = vm.spec.template;
  const { devices } = spec.domain;
  const ours = new Set([...before, ...disks].map(({ name }) => name));
  const templates = claimTemplatesOf(vm);
  const gone = new Set(before.filter(({ name }) => !disks.some((disk) => disk.name === name)).map(({ claim }) => claim));
  const volumeOf = (name: string) => spec.volumes?.find((volume) => volume.name === name);
  const made = disks.map((disk) => {
    const was = claimOf(volumeOf(disk.name));
    const claim = disk.claim || `${ vm.metadata.name }-${ disk.name }-${ random }`;

    return {
      disk, claim, had: templates.find(({ metadata }) => metadata.name === was)
    };
  });

  devices.disks = [
    ...disks.map((disk) => entryOf(disk, devices.disks?.find(({ name }) => name === disk.name))),
    ...(devices.disks ?? []).filter(({ name }) => !ours.has(name)),
  ];
  spec.volumes = [
    ...made.map(({ disk, claim }) => {
      const had = volumeOf(disk.name);
      const { hotpluggable = false, ...rest } = had?.persistentVolumeClaim ?? {};

      return had && claimOf(had) === claim && hotpluggable === disk.pluggable ? had : {
        name:                  disk.name,
        persistentVolumeClaim: {
          ...rest, claimName: claim, ...(disk.pluggable ? { hotpluggable: true } : {})
        }
      };
    }),
    ...(spec.volumes ?? []).filter(({ name }) => !ours.has(name)),
  ];

  const own = made.filter(({ disk }) => disk.source !== 'volume').map(({ disk, claim, had }) => templateOf(disk, claim, had, images));
  const replaced = new Set([...gone, ...made.flatMap(({ had }) => had ? [had.metadata.name] : []), ...own.map(({ metadata }) => metadata.name)]);
  const all = [...own, ...templates.filter(({ metadata }) => !replaced.has(metadata.name))];

  vm.metadata.annotations = { ...vm.metadata.annotations, [CLAIMS]: JSON.stringify(all) };
}

function unlessBus({ type, bus, pluggable }: MachineDisk): Sentence | undefined {
  if (type === 'cd-rom' && bus === 'virtio') {
    return { key: 'croft.guest.error.cdrom' };
  }

  return pluggable && type === 'disk' && !PLUGS.includes(bus) ? { key: 'croft.form.error.pluggableBus', args: { buses: PLUGS.join(', ') } } : undefined;
}

type Wrong = Partial<Record<string, Sentence>>;

/** What is wrong with the nth disk among the others, by the word of its field. */
export function unlessDisk(disk: MachineDisk, n: number, disks: MachineDisk[], images: Image[]): Wrong {
  const others = disks.filter((other) => other !== disk);
  const required = (disk.source === 'image' && !disk.imageName) || (disk.source === 'volume' && !disk.claim);
  const twice = disk.source === 'volume' && others.some(({ claim }) => claim === disk.claim);

  return {
    [`image-${ n }`]: required ? { key: 'croft.form.error.required' } : twice ? { key: 'croft.form.error.volumeTwice' } : undefined,
    [`size-${ n }`]:  disk.source === 'volume' ? undefined : unlessSize({ size: disk.size, imageName: disk.source === 'image' ? disk.imageName : '' }, images),
    [`bus-${ n }`]:   unlessBus(disk),
    [`order-${ n }`]: unlessOrder(disk, others),
  };
}

/** The volumes that a disk can be on. One that a machine has already is named and cannot be chosen: two cannot run with it. */
export function volumeOptions(volumes: Claim[]): Option[] {
  return volumes.filter(({ metadata }) => !metadata.deletionTimestamp).map((volume) => ({
    value: volume.metadata.name, label: [volume.metadata.name, sizeOf(volume)].filter(Boolean).join(', '), disabled: !['', '[]'].includes(volume.metadata.annotations?.[OWNED] ?? '')
  }));
}
