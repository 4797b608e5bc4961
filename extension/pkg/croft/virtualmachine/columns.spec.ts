import type { MachineRow } from '../api/fleet';
import {
  ALL, chosenColumns, columnsOf, shownColumns, textOf
} from './columns';

describe('the columns of machines', () => {
  it('are the usual ones until somebody chooses', () => {
    expect(chosenColumns(shownColumns([]))).toStrictEqual([]);
    expect(columnsOf(shownColumns([])).map(({ name }) => name)).toStrictEqual(['select', 'state', 'name', 'site', 'namespace', 'cpu', 'memory', 'addresses', 'node', 'created', 'menu']);
  });

  it.each([
    ['in their order, with what is needed', ['macs', 'node'], ['state', 'name', 'node', 'macs']],
    ['without what is none', ['node', 'password'], ['state', 'name', 'node']],
  ])('are chosen: %s', (_reason, chosen, want) => {
    expect(shownColumns(chosen)).toStrictEqual(want);
    expect(shownColumns(chosenColumns(shownColumns(chosen)))).toStrictEqual(want);
  });

  it('say something in every cell', () => {
    const row: MachineRow = {
      id:           'i',
      site:         'c',
      siteName:     's',
      namespace:    'n',
      name:         'w',
      uid:          '',
      state:        'Running',
      reason:       '',
      node:         'node-1',
      cpu:          2,
      memory:       2 ** 30,
      addresses:    ['10.0.0.1'],
      created:      '',
      stale:        false,
      lastHeard:    '',
      disks:        1,
      diskSize:     2 ** 31,
      image:        'default/tiny',
      guestOS:      'Debian',
      guestCluster: 'c1',
      networks:     ['pod'],
      macs:         ['52:54:00:00:00:01'],
      tags:         ['a=b'],
      metadata:     { name: 'w', labels: { app: 'web', x: '' } }
    };

    expect(ALL.filter((name) => !['state', 'name', 'created'].includes(name)).map((name) => textOf(name, row))).toStrictEqual([
      's', 'n', '2', '1 GiB', '10.0.0.1', 'node-1', '1', '2 GiB', 'default/tiny', 'Debian', 'c1', 'pod', '52:54:00:00:00:01', 'a=b', 'app=web, x',
    ]);
    expect(textOf('macs', { ...row, macs: undefined })).toBe('');
  });
});
