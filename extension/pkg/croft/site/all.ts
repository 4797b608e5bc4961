/** The whole list of sites: a page of the hub ends somewhere, and a choice among sites must not. */
import type { Site } from '../api/fleet';
import type { Collection } from '../api/steve';
import { request } from '../api/client';
import { fleet } from '../api/urls';

/** The most that the hub puts on one page. */
const PAGE_SIZE = 1_000;

/** Every site that the caller may see, by name. */
export async function allSites(signal?: AbortSignal): Promise<Site[]> {
  const sites: Site[] = [];

  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await request<Collection<Site>>(fleet.sites({
      sort: 'name', page: String(page), pagesize: String(PAGE_SIZE)
    }), { signal });

    sites.push(...answer.data);
    pages = answer.pages ?? 1;
  }

  return sites;
}
