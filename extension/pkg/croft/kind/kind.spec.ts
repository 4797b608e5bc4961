import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import {
  asWritten, idOf, stateOf, titleOf, type Kind
} from './kind';
import { asks, menuOf } from './menu';

const KIND: Kind = {
  word:       'volume',
  page:       'volumes',
  type:       TYPE.volume,
  namespaced: true,
  cells:      [],
  verbs:      ['clone', 'cancelExpand'],
  forms:      { clone: {} },
  files:      ['download'],
  edit:       {
    fields: {}, values: () => ({}), object: (of) => of
  }
};
const object = (change: Partial<Resource> = {}): Resource => ({ metadata: { name: 'data', namespace: 'default' }, ...change });

describe('the menu of an object', () => {
  it.each([
    ['an action that the site offers', object({ actions: { clone: 'url' } }), 'clone', undefined],
    ['one that it does not, in its words', object({ unavailable: { clone: 'It is being exported.' } }), 'clone', { text: 'It is being exported.' }],
    ['one of a plain Harvester', object(), 'clone', { key: 'croft.action.noBackend' }],
    ['a file', object({ links: { download: 'url' } }), 'download', undefined],
    ['no file', object(), 'download', { key: 'croft.action.notOffered' }],
    ['a change', object({ links: { update: 'url' } }), 'edit', undefined],
    ['no right to change', object(), 'edit', { key: 'croft.action.noEdit' }],
    ['no right to delete', object(), 'delete', { key: 'croft.action.noRemove' }],
  ])('has %s', (_reason, of, entry, want) => {
    expect(menuOf(KIND, of).find((item) => item.entry === entry)).toStrictEqual({
      entry, enabled: !want, reason: want
    });
  });

  it('asks what has to be asked', () => {
    expect(menuOf(KIND, object()).map(({ entry }) => entry).filter((entry) => asks(KIND, entry))).toStrictEqual(['clone', 'edit', 'delete']);
  });
});

describe('an object', () => {
  it('is called by its name, where people have no other', () => {
    expect([idOf(object()), idOf({ metadata: { name: 'n' } }), titleOf(KIND, object()), titleOf({ ...KIND, title: { text: () => 'x', field: 'f' } }, object())]).toStrictEqual(['default/data', 'n', 'data', 'x']);
  });

  it('has the site’s word for its state', () => {
    expect(stateOf(object({ metadata: { name: 'x', state: { name: 'bound', message: 'm' } } }))).toStrictEqual({ name: 'Bound', message: 'm' });
    expect(stateOf(object({ metadata: { name: 'x', state: { name: 'active', message: 'Resource is Ready' } } }))).toStrictEqual({ name: 'Active', message: '' });
    expect(stateOf(object())).toStrictEqual({ name: '', message: '' });
  });

  it('is written back without what Steve adds', () => {
    const second = { _id: 'default/data' }; // of Steve's cache, in lists

    expect(asWritten({
      ...object({
        id: 'default/data', links: {}, actions: {}, unavailable: {}, kind: 'X'
      }),
      ...second,
      metadata: {
        name: 'data', resourceVersion: '1', state: { name: 'bound' }
      }
    })).toStrictEqual({ kind: 'X', metadata: { name: 'data', resourceVersion: '1' } });
  });
});
