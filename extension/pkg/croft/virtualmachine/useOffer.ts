/** What a site has to give to a new machine. A kind that it does not know, or that may not be read, is not offered. */
import { shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { request, sentenceOf } from '../api/client';
import type { Image } from '../api/image';
import type { Collection, Resource } from '../api/steve';
import { site as siteUrls, TYPE, type SiteType } from '../api/urls';
import type { Sentence } from '../display/sentence';

export interface Offer {
  images: Image[];
  namespaces: string[];
  /** `namespace/name` of network attachments. */
  networks: string[];
  /** Why there are no images, where that is not known. */
  trouble?: Sentence;
}

const NOTHING: Offer = {
  images: [], namespaces: [], networks: []
};

async function ask<T extends Resource>(id: string, type: SiteType): Promise<T[]> {
  return (await request<Collection<T>>(siteUrls(id).list(type))).data;
}

async function offerOf(id: string): Promise<Offer> {
  const [images, namespaces, networks] = await Promise.allSettled([
    ask<Image>(id, TYPE.image),
    ask<Resource>(id, TYPE.namespace),
    ask<Resource>(id, TYPE.networkAttachment),
  ]);

  return {
    images:     images.status === 'fulfilled' ? images.value : [],
    namespaces: namespaces.status === 'fulfilled' ? namespaces.value.map((r) => r.metadata.name).sort() : [],
    networks:   networks.status === 'fulfilled' ? networks.value.map((r) => `${ r.metadata.namespace }/${ r.metadata.name }`).sort() : [],
    trouble:    images.status === 'rejected' ? sentenceOf(images.reason) : undefined,
  };
}

/** Asks the site that `id` names, and again whenever it names another. */
export function useOffer(id: Ref<string>, arrived: (offer: Offer) => void): ShallowRef<Offer> {
  const offer = shallowRef<Offer>(NOTHING);

  watch(id, async(asked) => {
    offer.value = NOTHING;
    if (!asked) {
      return;
    }

    const found = await offerOf(asked);

    if (asked === id.value) {
      offer.value = found;
      arrived(found);
    }
  }, { immediate: true });

  return offer;
}
