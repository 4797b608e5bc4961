import {
  itemsOf, orderOf, percent, placeOf, selectorOf, unless, unlessFew, unlessMost, type Counts, type Item, type Operation
} from './bulkoperation';

const counts = (change: Partial<Counts> = {}): Counts => ({
  total: 0, allowed: 0, pending: 0, sent: 0, succeeded: 0, skipped: 0, failed: 0, unknown: 0, ...change
});
const operation = (phase: string, actions: string[] = []): Operation => ({
  metadata: { name: 'bulk-1' },
  spec:     {
    type: 'virtualmachine', action: 'stop', creator: { username: 'u' }, selector: { all: true }
  },
  status:  { phase, counts: counts() },
  actions: Object.fromEntries(actions.map((a) => [a, 'url']))
});

describe('a bulk operation', () => {
  it.each([
    ['rows that were chosen', ['c/d/web'], { ids: ['c/d/web'] }],
    ['all that a list shows', {
      resourceType: 'virtualmachine', filter: ['state=Running'], site: 'c'
    }, { filter: ['state=Running'], site: 'c' }],
    ['all that there are has to be said', { resourceType: 'virtualmachine' }, { all: true }],
  ])('is of %s', (_reason, chosen, want) => {
    expect(selectorOf(chosen)).toStrictEqual(want);
  });

  it.each([
    ['a number', '3', 3], ['a percentage', ' 5% ', '5%'],
  ])('begins as a dry run, and allows %s of failures', (_reason, max, want) => {
    expect(orderOf('virtualmachine', 'stop', { all: true }, 20, max, 'Pause')).toStrictEqual({
      spec: {
        type: 'virtualmachine', action: 'stop', selector: { all: true }, waveSize: 20, failures: { max: want, then: 'Pause' }, mode: 'DryRun'
      }
    });
  });

  it.each([
    ['0', true], ['12', true], ['10%', true], ['100%', true], ['101%', false], ['-1', false], ['some', false], ['', false],
  ])('takes %p as the most failures: %p', (max, want) => {
    expect(!unlessMost(max)).toBe(want);
  });

  it('is of a thousand objects at most', () => {
    expect([unlessFew(1_000), unlessFew(1_001)]).toStrictEqual([undefined, { key: 'croft.bulkoperation.error.many', args: { count: 1_001, most: 1_000 } }]);
  });

  it.each([
    ['one that was checked can run', operation('Checked', ['run', 'cancel']), 'run', undefined],
    ['and does not run yet', operation('Checked', ['run', 'cancel']), 'pause', 'notRunning'],
    ['one that runs, runs already', operation('Running', ['run', 'pause', 'cancel']), 'run', 'running'],
    ['one that runs can be paused', operation('Running', ['run', 'pause', 'cancel']), 'pause', undefined],
    ['one that has ended stays so', operation('Completed'), 'cancel', 'ended'],
    ['another person’s is not ours to run', operation('Paused', ['cancel']), 'run', 'foreign'],
  ] as const)('%s', (_reason, of, choice, want) => {
    expect(unless(choice, of)).toStrictEqual(want && { key: `croft.bulkoperation.unless.${ want }` });
  });

  it.each([
    ['nothing', counts(), 0],
    ['a third', counts({
      total: 9, pending: 4, sent: 2, succeeded: 2, skipped: 1
    }), 33],
    ['all', counts({
      total: 2, failed: 1, unknown: 1
    }), 100],
  ])('has done %s', (_reason, of, want) => {
    expect(percent(of)).toBe(want);
  });

  it('is of objects with their places', () => {
    const items: Item[] = [{
      id: 'c/d/web', state: 'Pending', check: 'Allowed'
    }, {
      id: 'c/node-1', state: 'Skipped', check: 'Refused'
    }];

    expect(items.map(placeOf)).toStrictEqual([{
      site: 'c', namespace: 'd', name: 'web'
    }, {
      site: 'c', namespace: '', name: 'node-1'
    }]);
    expect(['', 'Refused', 'Pending'].map((wanted) => itemsOf(items, wanted).length)).toStrictEqual([2, 1, 1]);
  });
});
