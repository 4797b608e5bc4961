/** The form of a machine: what it holds, and what it refuses by itself. */
import type { Image } from '../../api/image';
import type { Sentence } from '../../display/sentence';
import { unlessRule, type Rule } from './affinity';
import { mebibytes } from './amount';
import { newCard, unlessCard, type MachineCard } from './card';
import {
  INLINE_LIMIT, keysOf, PUBLIC_KEY, unlessNetworkData, unlessUsable, userDataOf
} from '../cloudinit';
import { unlessCredential, type Credential } from './credential';
import { unlessDevice, type MachineDevice } from './device';
import { newDisk, unlessDisk, type MachineDisk } from './disk';
import { suffixed } from './several';

export interface Form {
  /** Cluster id. */
  site: string;
  namespace: string;
  name: string;
  /** How many machines are made. */
  count: number;
  description: string;
  /** Of the site by its name, of the namespace with a slash before it, empty for a size of its own. */
  instanceType: string;
  /** Of each socket. */
  cores: number;
  sockets: number;
  /** Of each core. */
  threads: number;
  /** GiB. */
  memory: number;
  disks: MachineDisk[];
  cards: MachineCard[];
  /** `namespace/name` of key pairs of the site. */
  keys: string[];
  /** Public keys, one a line. */
  sshKey: string;
  userData: string;
  networkData: string;
  /** By what users get in while it runs. */
  credentials: Credential[];
  efi: boolean;
  secureBoot: boolean;
  tpm: boolean;
  devices: MachineDevice[];
  runStrategy: string;
  /** The node to run on, empty for any. */
  node: string;
  /** What happens to it when its node goes into maintenance; empty for the site's usual way. */
  maintenance: string;
  rules: Rule[];
}

export type Field = keyof Form;
/** By the word of a field; of a disk or a card with its number, such as `size-0`. */
export type Refusals = Partial<Record<string, Sentence>>;

export const RUN_STRATEGIES = ['RerunOnFailure', 'Always', 'Manual', 'Halted'];
export const MAINTENANCE = ['', 'Migrate', 'Shutdown', 'ShutdownAndRestartAfterEnable', 'ShutdownAndRestartAfterDisable'];

export const EMPTY: Form = {
  site:         '',
  namespace:    'default',
  name:         '',
  count:        1,
  description:  '',
  instanceType: '',
  cores:        1,
  sockets:      1,
  threads:      1,
  memory:       1,
  disks:        [newDisk([])],
  cards:        [newCard([])],
  keys:         [],
  sshKey:       '',
  userData:     '#cloud-config\n',
  networkData:  '',
  credentials:  [],
  efi:          false,
  secureBoot:   false,
  tpm:          false,
  devices:      [],
  runStrategy:  'RerunOnFailure',
  node:         '',
  maintenance:  '',
  rules:        [],
};

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const MOST = 100;

export function refuse(key: string, args?: Record<string, string | number>): Sentence {
  return { key: `croft.form.error.${ key }`, args };
}

function whole(n: number, least = 1): boolean {
  return Number.isInteger(n) && n >= least;
}

function unlessName(name: string): Sentence | undefined {
  if (!name) {
    return refuse('required');
  }

  return name.length > 63 || !DNS_LABEL.test(name) ? refuse('name') : undefined;
}

function unlessCloudInit(form: Form): Sentence | undefined {
  const unusable = unlessUsable(form.userData);

  if (unusable) {
    return unusable;
  }

  const size = new TextEncoder().encode(userDataOf(form.userData, form.sshKey)).length;

  return size > INLINE_LIMIT ? refuse('cloudConfigSize', { size, limit: INLINE_LIMIT }) : undefined;
}

function unlessKeys(form: Form): Sentence | undefined {
  if (keysOf(form.sshKey).some((key) => !PUBLIC_KEY.test(key))) {
    return refuse('sshKey');
  }

  return (keysOf(form.sshKey).length || form.keys.length) && form.userData.trim().startsWith('#!') ? refuse('sshKeyInScript') : undefined;
}

/** One volume, one address and one node's name cannot be had by several machines. */
function unlessSeveral(form: Form): Sentence | undefined {
  if (!whole(form.count) || form.count > MOST) {
    return refuse('count', { most: MOST });
  }
  if (form.count === 1) {
    return undefined;
  }

  return form.disks.some(({ source }) => source === 'volume') ? refuse('severalVolumes') : form.cards.some(({ macAddress }) => macAddress) ? refuse('severalMacs') : undefined;
}

function isSameSize(form: Form, before?: Form): boolean {
  return (['instanceType', 'cores', 'sockets', 'threads', 'memory'] as const).every((field) => Object.is(form[field], before?.[field]));
}

function sized(form: Form, before?: Form): Refusals {
  return form.instanceType || isSameSize(form, before) ? {} : {
    cpu:     whole(form.cores) ? undefined : refuse('cpu'),
    sockets: whole(form.sockets) ? undefined : refuse('number', { least: 1 }),
    threads: whole(form.threads) ? undefined : refuse('number', { least: 1 }),
    memory:  mebibytes(form.memory) > 0 ? undefined : refuse('memory'),
  };
}

/** Those of a list that are not as they were. */
function others<T>(list: T[], was: T[] = []): [T, number][] {
  const same = new Set(was.map((one) => JSON.stringify(one)));

  return list.flatMap((one, n): [T, number][] => same.has(JSON.stringify(one)) ? [] : [[one, n]]);
}

/** What is wrong with the form, by field; empty where nothing is. What was there before is not asked about. The site has the last word. */
export function check(form: Form, images: Image[] = [], before?: Form): Refusals {
  const found: Refusals = {
    site:        form.site ? undefined : refuse('required'),
    namespace:   form.namespace ? undefined : refuse('required'),
    name:        form.name === before?.name ? undefined : unlessName(form.name) ?? unlessName(suffixed(form.name, form.count, form.count)),
    count:       unlessSeveral(form),
    ...sized(form, before),
    ...Object.assign({}, ...others(form.disks, before?.disks).map(([disk, n]) => unlessDisk(disk, n, form.disks, images))) as Refusals,
    ...Object.assign({}, ...others(form.cards, before?.cards).map(([card, n]) => unlessCard(card, n, form.cards))) as Refusals,
    ...Object.fromEntries(others(form.devices, before?.devices).map(([device, n]) => [`device-${ n }`, unlessDevice(device)])),
    ...Object.fromEntries(others(form.rules, before?.rules).map(([rule, n]) => [`rule-${ n }`, unlessRule(rule)])),
    ...Object.assign({}, ...others(form.credentials, before?.credentials).map(([credential, n]) => unlessCredential(credential, n))) as Refusals,
    sshkey:      unlessKeys(form),
    userdata:    form.userData === before?.userData ? undefined : unlessCloudInit(form),
    networkdata: form.networkData === before?.networkData ? undefined : unlessNetworkData(form.networkData),
  };

  return Object.fromEntries(Object.entries(found).filter(([, sentence]) => sentence));
}

/** The namespace at a site that does not have the form's. */
export function namespaceAt(namespace: string, namespaces: string[] = []): string {
  const [first = namespace] = namespaces.includes(EMPTY.namespace) ? [EMPTY.namespace] : namespaces;

  return namespaces.includes(namespace) ? namespace : first;
}
