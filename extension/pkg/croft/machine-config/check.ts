/** What is wrong with a machine's configuration by itself. The driver refuses the same, but only when a node is made. */
import jsyaml from 'js-yaml';
import type { Image } from '../api/image';
import type { Sentence } from '../display/sentence';
import { unlessCard, unlessCards } from './card';
import type { Form } from './config';
import { unlessBoots, unlessDisk } from './disk';
import { refuse } from './refusal';

/** By field; of a disk, a card or a graphics card with its number, such as `disk-0`. */
export type Refusals = Partial<Record<string, Sentence>>;

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,62}$/;
const USER = /^[a-z_][a-z0-9_-]{0,31}$/;
const LABEL = /^(?:([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const DEVICE = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9][-A-Za-z0-9_.]*$/;
/** Domains whose labels are the site's own. */
const RESERVED = ['harvesterhci.io', 'crofthci.io', 'kubevirt.io', 'kubernetes.io', 'k8s.io', 'cattle.io'];

const MOST_CPUS = 512;
const MOST_GIB = 16_384;

function whole(n: number, least: number, most: number): boolean {
  return Number.isInteger(n) && n >= least && n <= most;
}

/** What a text in YAML says, or why it says nothing. */
function load(document: string): { value?: unknown; wrong?: Sentence } {
  try {
    return { value: jsyaml.load(document) };
  } catch (e) {
    return { wrong: { key: 'croft.form.error.cloudConfigYaml', args: { message: e instanceof Error ? e.message.split('\n')[0] : String(e) } } };
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return !!value && typeof value === 'object' && !Array.isArray(value);
}

function unlessUserData(document: string): Sentence | undefined {
  if (!document.trim()) {
    return undefined;
  }
  if (document.split('\n')[0].trim() !== '#cloud-config') {
    return refuse('userData');
  }

  const { value, wrong } = load(document);

  return wrong ?? (value === undefined || value === null || isMap(value) ? undefined : { key: 'croft.form.error.cloudConfigMap' });
}

function unlessNetworkData(document: string): Sentence | undefined {
  if (!document.trim()) {
    return undefined;
  }

  const { value, wrong } = load(document);
  const inner = isMap(value) && isMap(value.network) ? value.network : value;

  return wrong ?? (isMap(inner) && [1, 2].includes(Number(inner.version)) ? undefined : refuse('networkData'));
}

function unlessAffinity(document: string): Sentence | undefined {
  if (!document.trim()) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(document);
    const known = ['nodeAffinity', 'podAffinity', 'podAntiAffinity'];

    return isMap(value) && Object.keys(value).every((key) => known.includes(key)) ? undefined : refuse('affinity');
  } catch {
    return refuse('affinity');
  }
}

function unlessPairs(pairs: string[], mayHaveDomain: boolean): Sentence | undefined {
  for (const pair of pairs.filter((one) => one.trim())) {
    const [key, value = ''] = pair.trim().split('=');
    const match = LABEL.exec(key);
    const domain = match?.[1];

    if (!match || !VALUE.test(value) || pair.split('=').length > 2 || (domain && !mayHaveDomain)) {
      return refuse('pair', { pair });
    }
    if (RESERVED.some((own) => domain === own || domain?.endsWith(`.${ own }`))) {
      return refuse('reserved', { key, domain: domain ?? '' });
    }
  }

  return undefined;
}

/** The size, where no instance type says it. */
function sized(form: Form): Refusals {
  if (form.instanceType) {
    return {};
  }

  const { cpuCount, memorySize, reservedMemorySize: reserved } = form;

  return {
    cpuCount:           whole(cpuCount, 1, MOST_CPUS) ? undefined : refuse('count', { least: 1, most: MOST_CPUS }),
    memorySize:         whole(memorySize, 1, MOST_GIB) ? undefined : refuse('count', { least: 1, most: MOST_GIB }),
    reservedMemorySize: Number.isNaN(reserved) || whole(reserved, 0, memorySize * 1024 - 1) ? undefined : refuse('reservedMemory'),
    cpuModel:           !form.cpuModel || MODEL.test(form.cpuModel) ? undefined : refuse('model'),
  };
}

function numbered<T>(word: string, list: T[], wrong: (one: T, others: T[]) => Sentence | undefined): Refusals {
  return Object.fromEntries(list.map((one, i) => [`${ word }-${ i }`, wrong(one, list.filter((other) => other !== one))]));
}

/** What is wrong, by field; empty where nothing is. */
export function check(form: Form, images: Image[] = []): Refusals {
  const found: Refusals = {
    vmNamespace:    !form.vmNamespace || NAMESPACE.test(form.vmNamespace) ? undefined : { key: 'croft.form.error.name' },
    ...sized(form),
    disks:          unlessBoots(form.disks),
    ...numbered('disk', form.disks, (disk, others) => unlessDisk(disk, others, images)),
    cards:          unlessCards(form.cards),
    ...numbered('card', form.cards, unlessCard),
    ...numbered('gpu', form.gpus, ({ deviceName }) => DEVICE.test(deviceName) ? undefined : refuse('device')),
    addressNetwork: !form.addressNetwork || form.cards.some(({ networkName }) => networkName === form.addressNetwork) ? undefined : refuse('addressNetwork'),
    sshUser:        USER.test(form.sshUser) ? undefined : refuse('sshUser'),
    userData:       unlessUserData(form.userData),
    networkData:    unlessNetworkData(form.networkData),
    vmAffinity:     unlessAffinity(form.vmAffinity),
    labels:         unlessPairs(form.labels, true),
    tags:           unlessPairs(form.tags, false),
  };

  return Object.fromEntries(Object.entries(found).filter(([, sentence]) => sentence));
}
