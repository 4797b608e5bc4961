/** The disks of a node: a list on the form, and one JSON in Harvester's shape in the machine's configuration. */
import type { Image } from '../api/image';
import type { Sentence } from '../display/sentence';
import { idOf, leastDisk } from '../image/image';
import { refuse } from './refusal';

export const BUSES = ['virtio', 'scsi', 'sata', 'usb'];
export const DISK_TYPES = ['disk', 'cd-rom'];

export interface Disk {
  /** `namespace/name` of an image, empty for a blank disk. */
  imageName: string;
  /** Empty for the image's, or the site's. */
  storageClassName: string;
  /** GiB. */
  size: number;
  /** The disk to boot from is 1; 0 is none. */
  bootOrder: number;
  bus: string;
  type: string;
  hotPlugAble: boolean;
}

/** The driver takes no more. */
const MOST_GIB = 65_536;

export function newDisk(first: boolean): Disk {
  return {
    imageName: '', storageClassName: '', size: 40, bootOrder: first ? 1 : 0, bus: 'virtio', type: 'disk', hotPlugAble: false
  };
}

/** The disks of a configuration: Harvester's older fields say the only one. */
export function readDisks(diskInfo: string, old: { imageName?: string; diskSize?: string; diskBus?: string } = {}): Disk[] {
  if (!diskInfo) {
    return [{
      ...newDisk(true), imageName: old.imageName ?? '', size: Number(old.diskSize || newDisk(true).size), bus: old.diskBus || 'virtio'
    }];
  }

  const { disks = [] } = JSON.parse(diskInfo) as { disks?: Partial<Disk>[] };

  return disks.map((disk) => ({
    ...newDisk(false), ...disk, size: Number(disk.size), bootOrder: Number(disk.bootOrder ?? 0)
  }));
}

/** What is not said is left out: the driver takes no field that it does not know, nor an empty one. */
export function writeDisks(disks: Disk[]): string {
  return JSON.stringify({
    disks: disks.map(({
      imageName, storageClassName, size, bootOrder, bus, type, hotPlugAble
    }) => ({
      ...(imageName ? { imageName } : {}),
      ...(storageClassName ? { storageClassName } : {}),
      size,
      ...(bootOrder ? { bootOrder } : {}),
      bus,
      type,
      ...(hotPlugAble ? { hotPlugAble } : {}),
    }))
  });
}

export function unlessSize({ size, imageName }: Pick<Disk, 'size' | 'imageName'>, images: Image[]): Sentence | undefined {
  const least = leastDisk(images.find((image) => idOf(image) === imageName));

  return Number.isInteger(size) && size >= least && size <= MOST_GIB ? undefined : refuse('diskSize', { least, most: MOST_GIB });
}

export function unlessOrder({ bootOrder }: Pick<Disk, 'bootOrder'>, others: Pick<Disk, 'bootOrder'>[]): Sentence | undefined {
  if (!Number.isInteger(bootOrder) || bootOrder < 0) {
    return refuse('bootOrder');
  }

  return bootOrder && others.some((other) => other.bootOrder === bootOrder) ? refuse('bootOrderTwice', { order: bootOrder }) : undefined;
}

/** What is wrong with a disk among the others, if anything is. */
export function unlessDisk(disk: Disk, others: Disk[], images: Image[] = []): Sentence | undefined {
  if (disk.type === 'cd-rom' && disk.bus === 'virtio') {
    return refuse('cdrom');
  }
  if (disk.hotPlugAble && (disk.bus !== 'scsi' || disk.bootOrder)) {
    return refuse('hotPlug');
  }

  return unlessSize(disk, images) ?? unlessOrder(disk, others);
}

/** What is wrong with the disks together: a node boots from an image. */
export function unlessBoots(disks: Disk[]): Sentence | undefined {
  return disks.some(({ imageName }) => imageName) ? undefined : refuse('noImage');
}
