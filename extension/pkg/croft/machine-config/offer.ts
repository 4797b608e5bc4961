/** What a site has to give to the nodes of a guest cluster, asked for page by page, and as the caller. */
import { sentenceOf, request } from '../api/client';
import type { Image } from '../api/image';
import type { Collection, Resource } from '../api/steve';
import { site, TYPE, type SiteType } from '../api/urls';
import { CLOUD_CONFIG, type CloudConfig } from '../cloudconfig/cloudconfig';
import type { Sentence } from '../display/sentence';
import type { KeyPair } from '../keypair/keypair';
import type { StorageClass } from '../storageclass/storageclass';
import { filterValue } from '../table/view';
import {
  overcommitOf, roomsOf, writtenOf, type InstanceType, type NamespaceShare, type Node, type Overcommit, type Pod
} from './capacity';
import type { Room } from './fit';

/** A list that is missing is not known: the site does not have the kind, or the caller may not read it. */
export interface Offer {
  namespaces?: string[];
  images?: Image[];
  /** `namespace/name`, as key pairs have it, too. */
  networks?: string[];
  classes?: StorageClass[];
  keys?: string[];
  /** The same with their public halves. */
  pairs?: KeyPair[];
  /** Documents for cloud-init. */
  documents?: CloudConfig[];
  types?: InstanceType[];
  rooms?: Room[];
  overcommit: Overcommit;
  /** Of the namespace chosen. */
  ownTypes?: InstanceType[];
  shares?: NamespaceShare[];
  /** Why images are not known. */
  trouble?: Sentence;
}

export const NOTHING: Offer = { overcommit: overcommitOf(undefined) };

const PAGE = 500;
/** Beyond that, what is left at a site is not counted. */
const MOST_PAGES = 10;

type Query = Record<string, string>;

/** All pages of a list, or undefined of one that is too long. */
export async function whole<T>(id: string, type: SiteType, query: Query = {}): Promise<T[] | undefined> {
  const found: T[] = [];

  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await request<Collection<T>>(site(id).list(type, {
      exclude: 'metadata.managedFields', page: String(page), pagesize: String(PAGE), ...query
    }));

    found.push(...answer.data);
    pages = answer.pages ?? 1;
    if (pages > MOST_PAGES) {
      return undefined;
    }
  }

  return found;
}

/** A list, or undefined where the site does not tell it. */
function told<T>(id: string, type: SiteType, query?: Query): Promise<T[] | undefined> {
  return whole<T>(id, type, query).catch(() => undefined);
}

function names(list: Resource[] | undefined): string[] | undefined {
  return list?.map(({ metadata }) => [metadata.namespace, metadata.name].filter(Boolean).join('/')).sort();
}

/** What the nodes have left. The pods are asked for only where nobody has written down what they request. */
async function rooms(id: string): Promise<Room[] | undefined> {
  const nodes = await told<Node>(id, TYPE.node);

  if (!nodes) {
    return undefined;
  }

  const pods = nodes.every(writtenOf) ? [] : await told<Pod>(id, TYPE.pod);

  return pods && roomsOf(nodes, pods);
}

async function overcommit(id: string): Promise<Overcommit> {
  const setting = await request<{ value?: string; default?: string }>(site(id).object(TYPE.setting, '', 'overcommit-config')).catch(() => undefined);

  return overcommitOf(setting?.value || setting?.default);
}

/** What the whole site has. */
export async function offerOf(id: string): Promise<Offer> {
  let trouble: Sentence | undefined;
  const images = whole<Image>(id, TYPE.image).catch((e: unknown) => {
    trouble = sentenceOf(e);

    return undefined;
  });
  const [namespaces, networks, classes, keys, documents, types] = await Promise.all([
    told<Resource>(id, TYPE.namespace), told<Resource>(id, TYPE.networkAttachment), told<StorageClass>(id, TYPE.storageClass),
    told<KeyPair>(id, TYPE.keyPair), told<CloudConfig>(id, TYPE.configMap, { filter: CLOUD_CONFIG.filter ?? '' }), told<InstanceType>(id, TYPE.clusterInstanceType),
  ]);

  return {
    namespaces: names(namespaces), images: await images, networks: names(networks), classes, keys: names(keys), pairs: keys, documents, types, rooms: await rooms(id), overcommit: await overcommit(id), trouble,
  };
}

/** What one of its namespaces has besides. */
export async function offerIn(id: string, namespace: string): Promise<Pick<Offer, 'ownTypes' | 'shares'>> {
  const here = { filter: `metadata.namespace=${ filterValue(namespace) }` };
  const [ownTypes, shares] = await Promise.all([told<InstanceType>(id, TYPE.instanceType, here), told<NamespaceShare>(id, TYPE.share, here)]);

  return { ownTypes, shares };
}
