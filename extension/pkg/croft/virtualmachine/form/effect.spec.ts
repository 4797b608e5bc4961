import { newDisk } from './disk';
import { effects, rebased } from './effect';
import { EMPTY, type Form } from './form';

const form = (change: Partial<Form> = {}): Form => ({ ...EMPTY, ...change });

describe('a change of a machine that runs', () => {
  it.each<[string, Partial<Form>, ReturnType<typeof effects>]>([
    ['of words', { description: 'x' }, {
      now: ['description'], move: [], restart: []
    }],
    ['of a volume’s size', { disks: [{ ...newDisk([]), size: 20 }] }, {
      now: ['disks'], move: [], restart: []
    }],
    ['of a disk’s bus', { disks: [{ ...newDisk([]), bus: 'scsi' }] }, {
      now: [], move: [], restart: ['disks']
    }],
    ['of a disk that is plugged in', {
      disks: [newDisk([]), {
        ...newDisk([newDisk([])]), bus: 'scsi', pluggable: true
      }]
    }, {
      now: ['disks'], move: [], restart: []
    }],
    ['of a disk that is not', { disks: [newDisk([]), newDisk([newDisk([])])] }, {
      now: [], move: [], restart: ['disks']
    }],
    ['of what can be plugged', { disks: [{ ...newDisk([]), pluggable: true }] }, {
      now: [], move: [], restart: ['disks']
    }],
    ['of the node', { node: 'n' }, {
      now: [], move: ['node'], restart: []
    }],
    ['of several', { cores: 2, maintenance: 'Shutdown' }, {
      now: ['maintenance'], move: [], restart: ['cores']
    }],
    ['of nothing', {}, {
      now: [], move: [], restart: []
    }],
  ])('%s', (_reason, change, want) => {
    expect(effects(form(), form(change))).toStrictEqual(want);
  });

  it('is kept on what the machine has become meanwhile', () => {
    expect(rebased(form(), form({ cores: 4 }), form({ cores: 2, memory: 8 }))).toStrictEqual(form({ cores: 4, memory: 8 }));
  });
});
