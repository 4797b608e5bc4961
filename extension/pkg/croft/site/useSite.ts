/** The one site that a page shows: chosen among all, kept in the route, and known to be there or away. */
import { computed, watch, type ComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Site } from '../api/fleet';
import { fleet } from '../api/urls';
import { useLive, type Live } from '../api/useLive';
import type { Sentence } from '../display/sentence';
import { useClock } from '../display/useClock';
import { allSites } from './all';
import { isConnected, nameOf, unlessConnected } from './freshness';

export interface Chosen {
  /** Cluster id; empty until there is a site to show. */
  site: ComputedRef<string>;
  sites: Live<Site[]>;
  /** The hub has said whether the site is there, or cannot: until then, the site is not asked. */
  known: ComputedRef<boolean>;
  /** Why the site cannot be asked now, if it cannot. */
  away: ComputedRef<Sentence | undefined>;
  choose(id: string): void;
}

/** The site that was looked at last: the next page begins with it. */
let last = '';

/** Where `all` is true, no site is chosen for the reader: the page then shows all of them. */
export function useSite(all = false): Chosen {
  const route = useRoute();
  const router = useRouter();
  const now = useClock();
  const site = computed(() => typeof route.query.site === 'string' ? route.query.site : '');
  const sites = useLive<Site[]>(allSites, { path: fleet.subscribe(), subjects: [{ resourceType: 'site' }] });

  const known = computed(() => !!sites.data.value || !!sites.error.value);
  const away = computed(() => {
    const home = sites.data.value?.find(({ id }) => id === site.value);

    return home && !isConnected(home) ? unlessConnected({
      name: nameOf(home), connected: false, lastHeard: home.lastHeard ?? ''
    }, now.value) : undefined;
  });

  function choose(id: string) {
    router.replace({ query: id ? { site: id } : {} });
  }

  watch(sites.data, (found = []) => {
    const first = found.find(({ id }) => id === last) ?? found.find(isConnected);

    if (!all && !site.value && first) {
      choose(first.id);
    }
  });
  watch(site, (id) => {
    last = id || last;
  }, { immediate: true });

  sites.refresh();

  return {
    site, sites, known, away, choose
  };
}
