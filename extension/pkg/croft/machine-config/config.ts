/**
 * The configuration of a pool's machines: what the form holds, and the fields in which Rancher keeps it. A field is called
 * like the driver's flag, in one word: `--croft-cpu-count` is `cpuCount`. Rancher keeps numbers as text.
 */
import { plain } from '../cloud-credential/kubeconfig';
import { readCards, writeCards, type Card } from './card';
import { readDisks, writeDisks, type Disk } from './disk';

/** A graphics card that is passed through. */
export interface Gpu {
  /** What it is called in the machine. */
  name: string;
  /** The resource of the site's nodes, such as nvidia.com/A2-4Q. */
  deviceName: string;
}

/** The fields that the form holds as Rancher keeps them. */
const TEXTS = ['vmNamespace', 'instanceType', 'cpuModel', 'addressNetwork', 'sshUser', 'guestOs', 'vmDescription', 'poolAffinity', 'site', 'siteSelector'] as const;
const SWITCHES = ['cpuPinning', 'isolateEmulatorThread', 'enableEfi', 'enableSecureBoot', 'enableTpm'] as const;
/** Documents, kept in base64 as Harvester's form keeps them. */
const DOCUMENTS = ['userData', 'networkData', 'vmAffinity'] as const;
/** Lists, kept with commas between. */
const LISTS = {
  keyPairName: 'keys', vmLabels: 'labels', tags: 'tags'
} as const;

type Texts = Record<typeof TEXTS[number] | typeof DOCUMENTS[number], string>;
type Switches = Record<typeof SWITCHES[number], boolean>;

export interface Form extends Texts, Switches {
  cpuCount: number;
  /** GiB. */
  memorySize: number;
  /** MiB; no number leaves it to the site. */
  reservedMemorySize: number;
  disks: Disk[];
  cards: Card[];
  gpus: Gpu[];
  /** `namespace/name` of key pairs of the site. */
  keys: string[];
  /** Each as key=value. */
  labels: string[];
  tags: string[];
}

/** As Rancher keeps it: any field may be missing. */
export type Config = Record<string, unknown>;

const COUNTS: [keyof Form & ('cpuCount' | 'memorySize'), number][] = [['cpuCount', 2], ['memorySize', 4]];
/** What an older form may have written, and this one says otherwise. */
const OLD = ['imageName', 'diskSize', 'diskBus', 'networkName', 'networkModel', 'networkType'];

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function listOf(value: unknown): string[] {
  return text(value).split(',').map((one) => one.trim()).filter(Boolean);
}

function base64(document: string): string {
  return document.trim() ? btoa(String.fromCharCode(...new TextEncoder().encode(document))) : '';
}

function readGpus(vgpuInfo: string): Gpu[] {
  return vgpuInfo ? (JSON.parse(vgpuInfo) as { vGPURequests?: Gpu[] }).vGPURequests ?? [] : [];
}

function writeGpus(gpus: Gpu[]): string {
  return gpus.length ? JSON.stringify({ vGPURequests: gpus.map(({ name, deviceName }, i) => ({ name: name || `gpu-${ i }`, deviceName })) }) : '';
}

/** What cannot be read is as good as not there: the form begins that part anew. */
function unlessBroken<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function fieldsOf<Name extends string, T>(names: readonly Name[], read: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, T>;
}

/** The form of a configuration, with what is usual where it says nothing. */
export function read(config: Config): Form {
  const field = (name: string) => text(config[name]);
  const reserved = Number(field('reservedMemorySize') || -1);
  const old = fieldsOf(OLD, field);

  return {
    ...fieldsOf(TEXTS, field),
    ...fieldsOf(SWITCHES, (name) => config[name] === true || config[name] === 'true'),
    ...fieldsOf(DOCUMENTS, (name) => plain(field(name))),
    ...Object.fromEntries(Object.entries(LISTS).map(([name, list]) => [list, listOf(config[name])])) as Pick<Form, 'keys' | 'labels' | 'tags'>,
    ...Object.fromEntries(COUNTS.map(([name, usual]) => [name, Number(field(name) || usual)])) as Pick<Form, 'cpuCount' | 'memorySize'>,
    sshUser:            field('sshUser') || 'root',
    guestOs:            field('guestOs') || 'linux',
    reservedMemorySize: reserved < 0 ? NaN : reserved,
    disks:              unlessBroken(() => readDisks(plain(field('diskInfo')), old), readDisks('')),
    cards:              unlessBroken(() => readCards(plain(field('networkInfo')), old), readCards('')),
    gpus:               unlessBroken(() => readGpus(plain(field('vgpuInfo'))), []),
  };
}

/** The fields to keep. All of the form's are among them, so that what was emptied is gone. */
export function write(form: Form): Config {
  const number = (n: number) => Number.isNaN(n) ? '' : String(n);

  return {
    ...fieldsOf(OLD, () => ''),
    ...fieldsOf(TEXTS, (name) => form[name].trim()),
    ...fieldsOf(SWITCHES, (name) => form[name]),
    ...fieldsOf(DOCUMENTS, (name) => base64(form[name])),
    ...Object.fromEntries(Object.entries(LISTS).map(([name, list]) => [name, form[list].map((one) => one.trim()).filter(Boolean).join(',')])),
    ...Object.fromEntries(COUNTS.map(([name]) => [name, number(form[name])])),
    reservedMemorySize: number(form.reservedMemorySize) || '-1',
    diskInfo:           writeDisks(form.disks),
    networkInfo:        writeCards(form.cards),
    vgpuInfo:           writeGpus(form.gpus),
  };
}
