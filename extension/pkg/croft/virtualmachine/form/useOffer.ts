/** What a site has to give to a machine. A kind that it does not know, or that may not be read, is not offered. */
import { shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { request } from '../../api/client';
import type { Collection, Resource } from '../../api/steve';
import { site as siteUrls, TYPE } from '../../api/urls';
import { NOTHING as NOTHING_OF_ALL, offerIn, offerOf, type Offer as SiteOffer } from '../../machine-config/offer';
import { filterValue } from '../../table/view';
import type { Volume } from '../../volume/volume';

export interface Offer extends SiteOffer {
  /** The site has answered. */
  asked: boolean;
  /** Of the namespace chosen. */
  volumes?: Volume[];
  /** Names of its Secrets that people make, which few may list. */
  secrets?: string[];
}

const NOTHING: Offer = { ...NOTHING_OF_ALL, asked: false };

async function volumesIn(id: string, namespace: string): Promise<Volume[] | undefined> {
  const query = { filter: `metadata.namespace=${ filterValue(namespace) }` };

  try {
    const { data } = await request<Collection<Volume>>(siteUrls(id).list(TYPE.volume, query));

    return data.filter(({ metadata }) => metadata.namespace === namespace);
  } catch {
    return undefined;
  }
}

/** What is in them is not asked for. */
async function secretsIn(id: string, namespace: string): Promise<string[] | undefined> {
  const query = { filter: `metadata.namespace=${ filterValue(namespace) }`, exclude: 'data' };

  try {
    const { data } = await request<Collection<Resource & { _type?: string }>>(siteUrls(id).list(TYPE.secret, query));

    return data.filter(({ metadata, _type }) => metadata.namespace === namespace && _type === 'Opaque').map(({ metadata }) => metadata.name);
  } catch {
    return undefined;
  }
}

/** Asks the site that `id` names, and again whenever it names another, or when the namespace is another one. */
export function useOffer(id: Ref<string>, namespace: Ref<string>, arrived: (offer: Offer) => void): ShallowRef<Offer> {
  const offer = shallowRef<Offer>(NOTHING);

  watch(id, async(asked) => {
    offer.value = NOTHING;
    if (!asked) {
      return;
    }

    const found = await offerOf(asked);

    if (asked === id.value) {
      offer.value = {
        ...offer.value, ...found, asked: true
      };
      arrived(offer.value);
    }
  }, { immediate: true });

  watch([id, namespace], async([asked, where]) => {
    if (!asked || !where) {
      return;
    }

    const [found, volumes, secrets] = await Promise.all([offerIn(asked, where), volumesIn(asked, where), secretsIn(asked, where)]);

    if (asked === id.value && where === namespace.value) {
      offer.value = {
        ...offer.value, ...found, volumes, secrets
      };
    }
  }, { immediate: true });

  return offer;
}
