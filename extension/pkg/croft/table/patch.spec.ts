import type { Change } from '../api/feed';
import type { Resource } from '../api/steve';
import { patched } from './patch';

interface Row extends Resource { state: string }

const row = (id: string, state = 'Running'): Row => ({
  id, state, metadata: { name: id }
});
const change = (name: Change<Row>['name'], id: string, state = 'Running', revision = 8): Change<Row> => ({
  name, id, revision, ...(name === 'remove' ? {} : { row: row(id, state) })
});

describe('a page of rows', () => {
  it.each([
    ['a change of a row is shown where the row is', [change('change', 'b', 'Paused')], [], ['a Running', 'b Paused'], false],
    ['what was before the list counts no more', [change('change', 'b', 'Paused', 7)], [], ['a Running', 'b Running'], false],
    ['the last of two changes counts', [change('change', 'b', 'Paused'), change('change', 'b', 'Stopped', 9)], [], ['a Running', 'b Stopped'], false],
    ['a row that goes is gone at once, and another may come up', [change('remove', 'a')], [], ['b Running'], true],
    ['a row that goes elsewhere moves the pages', [change('remove', 'z')], [], ['a Running', 'b Running'], true],
    ['a new row may belong here', [change('create', 'z')], [], ['a Running', 'b Running'], true],
    ['a change elsewhere tells nothing', [change('change', 'z')], [], ['a Running', 'b Running'], false],
    ['a change elsewhere may move the row here', [change('change', 'z')], ['state'], ['a Running', 'b Running'], true],
    ['a row may move away from here', [change('change', 'a', 'Paused')], ['state'], ['a Paused', 'b Running'], true],
    ['a row that stays in its place stays', [change('change', 'a')], ['state'], ['a Running', 'b Running'], false],
    ['gone and back again', [change('remove', 'a'), change('create', 'a', 'Stopped', 9)], [], ['a Stopped', 'b Running'], true],
  ])('%s', (_reason, changes, moves, want, again) => {
    const now = patched({ data: [row('a'), row('b')], revision: '7' }, changes, moves);

    expect(now.list.data.map(({ id, state }) => `${ id } ${ state }`)).toStrictEqual(want);
    expect(now.again).toBe(again);
  });
});
