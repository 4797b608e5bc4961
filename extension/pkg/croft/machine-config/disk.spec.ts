import type { Image } from '../api/image';
import {
  newDisk, readDisks, unlessBoots, unlessDisk, writeDisks, type Disk
} from './disk';

const IMAGE = {
  metadata: { namespace: 'default', name: 'debian' }, spec: { displayName: 'debian' }, status: { virtualSize: 5 * 2 ** 30 }
} as Image;
const disk = (part: Partial<Disk> = {}): Disk => ({
  ...newDisk(true), imageName: 'default/debian', ...part
});

describe('the disks', () => {
  it.each([
    ['a copy of an image', [disk()], '{"disks":[{"imageName":"default/debian","size":40,"bootOrder":1,"bus":"virtio","type":"disk"}]}'],
    ['a blank one of a class', [disk({
      imageName: '', storageClassName: 'fast', bootOrder: 0, bus: 'scsi', hotPlugAble: true
    })], '{"disks":[{"storageClassName":"fast","size":40,"bus":"scsi","type":"disk","hotPlugAble":true}]}'],
  ])('are kept in Harvester’s shape: %s', (_reason, disks, want) => {
    expect(writeDisks(disks)).toBe(want);
    expect(readDisks(want)).toStrictEqual(disks);
  });

  it('are read from Harvester’s older fields, and from sizes in text', () => {
    expect(readDisks('', {
      imageName: 'default/debian', diskSize: '20', diskBus: 'scsi'
    })).toStrictEqual([disk({ size: 20, bus: 'scsi' })]);
    expect(readDisks('{"disks":[{"imageName":"default/debian","size":"20","bootOrder":1}]}')).toStrictEqual([disk({ size: 20 })]);
  });

  it.each([
    ['a good one', disk(), [], undefined],
    ['it must hold its image', disk({ size: 4 }), [], 'diskSize'],
    ['whole GiB alone', disk({ size: 5.5 }), [], 'diskSize'],
    ['an emptied size', disk({ size: NaN }), [], 'diskSize'],
    ['more than the driver takes', disk({ size: 70_000 }), [], 'diskSize'],
    ['a boot order below 0', disk({ bootOrder: -1 }), [], 'bootOrder'],
    ['a boot order twice', disk(), [disk()], 'bootOrderTwice'],
    ['none is not twice', disk({ bootOrder: 0 }), [disk({ bootOrder: 0 })], undefined],
    ['a CD-ROM is not on virtio', disk({ type: 'cd-rom' }), [], 'cdrom'],
    ['what is unplugged is on scsi', disk({ hotPlugAble: true, bootOrder: 0 }), [], 'hotPlug'],
    ['and is not booted from', disk({ hotPlugAble: true, bus: 'scsi' }), [], 'hotPlug'],
  ])('refuse: %s', (_reason, one, others, want) => {
    expect((unlessDisk(one, others, [IMAGE]) as { key?: string })?.key).toBe(want && `croft.guest.error.${ want }`);
  });

  it('have an image among them', () => {
    expect(unlessBoots([disk({ imageName: '' })])).toBeDefined();
    expect(unlessBoots([disk({ imageName: '' }), disk()])).toBeUndefined();
  });
});
