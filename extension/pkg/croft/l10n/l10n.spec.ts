import fs from 'node:fs';
import path from 'node:path';
import jsyaml from 'js-yaml';

import { fieldsOf, type Kind } from '../kind/kind';
import { columnsOf } from '../kind/query';
import { columnsOf as rowColumns, type FleetKind } from '../fleet/kind';
import { BACKUP } from '../backup/backup';
import { BULK } from '../bulkoperation/bulkoperation';
import { GUEST_CLUSTER } from '../guestcluster/guestcluster';
import { LOAD_BALANCER } from '../loadbalancer/loadbalancer';
import { NETWORK } from '../network/network';
import { ALL } from '../virtualmachine/columns';
import { FILTER_FIELDS } from '../virtualmachine/filter';
import { DELETE, EDIT } from '../kind/menu';
import { PAGES } from '../pages';
import { FIELDS } from '../credential/credential';
import { CLOUD_CONFIG } from '../cloudconfig/cloudconfig';
import { IMAGE } from '../image/image';
import { KEY_PAIR } from '../keypair/keypair';
import { NODE } from '../node/node';
import { QUOTA } from '../quota/quota';
import { SETTING } from '../setting/setting';
import { SNAPSHOT } from '../snapshot/snapshot';
import { STORAGE_CLASS } from '../storageclass/storageclass';
import { TEMPLATE } from '../template/template';
import { VERBS } from '../virtualmachine/actions';
import { ALL_FORMS } from '../virtualmachine/forms';
import { VOLUME } from '../volume/volume';

type Tree = { [key: string]: string | Tree };

function keys(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => typeof value === 'string' ? [`${ prefix }${ key }`] : keys(value, `${ prefix }${ key }.`));
}

const read = (language: string) => jsyaml.load(fs.readFileSync(path.join(__dirname, `${ language }.yaml`), 'utf8')) as Tree;

function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);

    return entry.isDirectory() ? sources(file) : /(?<!\.spec)\.(ts|vue)$/.test(entry.name) ? [fs.readFileSync(file, 'utf8')] : [];
  });
}

describe('the words', () => {
  const english = keys(read('en-us'));

  it('are the same in every language', () => {
    expect(keys(read('zh-hans')).sort()).toStrictEqual([...english].sort());
  });

  it('are there for every key that the sources spell out', () => {
    const spelled = sources(path.join(__dirname, '..')).flatMap((source) => [...source.matchAll(/['"](croft\.[a-zA-Z.]+[a-zA-Z])['"]/g)].map((m) => m[1]));

    expect([...new Set(spelled)].filter((key) => !english.includes(key))).toStrictEqual([]);
  });

  describe.each([IMAGE, VOLUME, SNAPSHOT, STORAGE_CLASS, TEMPLATE, KEY_PAIR, CLOUD_CONFIG, NODE, QUOTA, SETTING] as unknown as Kind[])('of $word', (kind) => {
    it.each([
      ['its columns', columnsOf(kind).flatMap(({ labelKey }) => labelKey || [])],
      ['its empty list', [`croft.${ kind.word }.none`]],
      ['its button', kind.create ? [`croft.${ kind.word }.create`] : []],
      ['its menu', [...kind.verbs, ...kind.files ?? [], EDIT, DELETE, ...Object.keys(kind.collective ?? {})].map((entry) => `croft.action.${ entry }`)],
      ['its forms', fieldsOf(kind).map((field) => `croft.field.${ field }`)],
      ['what it asks', [...kind.grave ?? [], ...Object.keys(kind.collective ?? {})].map((entry) => `croft.action.ask.${ entry }`)],
    ])('are there for %s', (_reason, want) => {
      expect(want.filter((key) => !english.includes(key))).toStrictEqual([]);
    });
  });

  it('are there for the columns of every list over all sites', () => {
    const kinds = [...[IMAGE, VOLUME, SNAPSHOT, STORAGE_CLASS, TEMPLATE, NODE].map(({ rows }) => rows), BACKUP, LOAD_BALANCER, NETWORK, GUEST_CLUSTER] as FleetKind[];
    const want = [...kinds.flatMap((kind) => rowColumns(kind).map(({ labelKey }) => labelKey)), ...[...ALL, ...FILTER_FIELDS].map((name) => `croft.vm.${ name }`), ...BULK.map((verb) => `croft.action.${ verb }`)];

    expect(want.filter((key) => !english.includes(key))).toStrictEqual([]);
  });

  it('are there for every page, action and field', () => {
    const fields = [...Object.values(ALL_FORMS), FIELDS].flatMap((form) => Object.keys(form ?? {}));
    const want = [...PAGES.map((page) => `croft.page.${ page }`), ...VERBS.map((verb) => `croft.action.${ verb }`), ...fields.map((field) => `croft.field.${ field }`)];

    expect(want.filter((key) => !english.includes(key))).toStrictEqual([]);
  });
});
