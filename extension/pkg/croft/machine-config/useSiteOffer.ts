/** What the site of a credential has to give, asked for again when the credential or the namespace is another. */
import {
  ref, shallowRef, watch, type Ref, type ShallowRef
} from 'vue';
import { request, sentenceOf } from '../api/client';
import { rancher } from '../api/urls';
import type { Access } from '../cloud-credential/access';
import type { Sentence } from '../display/sentence';
import { NOTHING, offerIn, offerOf, type Offer } from './offer';

export interface SiteOffer {
  /** Cluster id; empty of a site that the hub does not reach. */
  site: Ref<string>;
  offer: ShallowRef<Offer>;
  busy: Ref<boolean>;
  /** Why the site's offer is not known. */
  trouble: Ref<Sentence | undefined>;
}

/** A credential as `/v3` tells it: without its secrets. */
interface Credential {
  croftcredentialConfig?: Partial<Access>;
}

/** The site of a credential, empty where it is not one of the hub's. */
export async function siteOf(credentialId: string): Promise<string> {
  const { croftcredentialConfig: access } = await request<Credential>(rancher.credential(credentialId));

  return access?.clusterType === 'external' ? '' : access?.clusterId ?? '';
}

export function useSiteOffer(credentialId: () => string, namespace: () => string): SiteOffer {
  const site = ref('');
  const offer = shallowRef<Offer>(NOTHING);
  const busy = ref(false);
  const trouble = ref<Sentence>();

  watch(credentialId, async(asked) => {
    const still = () => asked === credentialId();

    [site.value, offer.value, trouble.value] = ['', NOTHING, undefined];
    if (!asked) {
      return;
    }
    busy.value = true;
    try {
      const id = await siteOf(asked);
      const found = id ? await offerOf(id) : NOTHING;

      if (still()) {
        site.value = id;
        offer.value = found;
        trouble.value = id ? found.trouble : { key: 'croft.guest.external' };
      }
    } catch (e) {
      if (still()) {
        trouble.value = sentenceOf(e);
      }
    } finally {
      busy.value = busy.value && !still();
    }
  }, { immediate: true });

  watch([site, namespace], async([id, where]) => {
    const found = id ? await offerIn(id, where || 'default') : {};

    if (id === site.value && where === namespace()) {
      offer.value = { ...offer.value, ...found };
    }
  });

  return {
    site, offer, busy, trouble
  };
}
