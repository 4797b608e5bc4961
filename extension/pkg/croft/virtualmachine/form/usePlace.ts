/** Asks the hub which sites have what a form names, and chooses where it fits. */
import { ref, type Ref } from 'vue';
import { request } from '../../api/client';
import type { Site } from '../../api/fleet';
import type { Collection, Resource } from '../../api/steve';
import { fleet } from '../../api/urls';
import { filterValue } from '../../table/view';
import type { Form } from './form';
import { place, type Havers, type Placed, type Wish } from './place';

const GIB = 2 ** 30;
/** The hub's lists, by what the form names of them. */
const PLURALS: Record<string, string> = {
  image: 'images', network: 'networks', class: 'storageclasses'
};

interface Row extends Resource {
  site: string;
  namespace?: string;
  name: string;
}

/** What all the machines of a form need. The size of an instance type is the site's to say. */
export function wishOf({
  count, instanceType, cores, sockets, threads, memory, disks, cards
}: Form): Wish {
  const own = instanceType ? 0 : count;
  const some = (names: string[]) => [...new Set(names.filter(Boolean))];

  return {
    cpu:    own * cores * sockets * threads || 0,
    memory: own * memory * GIB || 0,
    things: {
      image: some(disks.map(({ imageName }) => imageName)), network: some(cards.map(({ networkName }) => networkName)), class: some(disks.map(({ storageClassName }) => storageClassName))
    },
  };
}

/** The sites that have a thing; what the hub does not tell is not known of any. */
async function haversOf(what: string, id: string): Promise<[string, string[]][]> {
  const name = id.slice(id.indexOf('/') + 1);

  try {
    const { data } = await request<Collection<Row>>(fleet.rows(PLURALS[what], { pagesize: '1000', filter: `name=${ filterValue(name) }` }));

    return [[`${ what }/${ id }`, data.filter((row) => [row.namespace, row.name].filter(Boolean).join('/') === id).map(({ site }) => site)]];
  } catch {
    return [];
  }
}

export function usePlace(): { placed: Ref<Placed | undefined>; find(sites: Site[], form: Form): Promise<string | undefined> } {
  const placed = ref<Placed>();

  return {
    placed,
    find: async(sites, form) => {
      const wish = wishOf(form);
      const found = await Promise.all(Object.entries(wish.things).flatMap(([what, names]) => names.map((name) => haversOf(what, name))));

      placed.value = place(sites, wish, Object.fromEntries(found.flat()) as Havers);

      return placed.value.site;
    },
  };
}
