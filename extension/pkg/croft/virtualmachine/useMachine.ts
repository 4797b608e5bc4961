/** One machine with what belongs to it, kept fresh; and whether its site is there to be asked. */
import { computed, watch, type ComputedRef, type Ref } from 'vue';
import { ApiError, request } from '../api/client';
import type { Site } from '../api/fleet';
import type { Event, Instance, VirtualMachine } from '../api/kubevirt';
import { fleet, site as siteUrls, TYPE } from '../api/urls';
import { useLive, type Live } from '../api/useLive';
import type { Sentence } from '../display/sentence';
import { isConnected, nameOf, unlessConnected } from '../site/freshness';
import type { Target } from '../action/target';

export interface Shown {
  machine: VirtualMachine;
  /** What runs of it, where it runs. */
  instance?: Instance;
  events: Event[];
}

export interface LiveMachine extends Live<Shown> {
  /** The machine's site, as the hub knows it. */
  home: ComputedRef<Site | undefined>;
  /** Why the site cannot be asked now, if it cannot. */
  away: ComputedRef<Sentence | undefined>;
}

function unlessMissing<T>(otherwise: T) {
  return (e: unknown): T => {
    if (e instanceof ApiError && (e.status === 404 || e.status === 403)) {
      return otherwise;
    }
    throw e;
  };
}

async function fetchMachine({ site, namespace, name }: Target, signal: AbortSignal): Promise<Shown> {
  const urls = siteUrls(site);
  const [machine, instance, events] = await Promise.all([
    request<VirtualMachine>(urls.object(TYPE.virtualMachine, namespace, name), { signal }),
    request<Instance>(urls.object(TYPE.instance, namespace, name), { signal }).catch(unlessMissing(undefined)),
    request<{ items: Event[] }>(urls.events(namespace, name), { signal }).catch(unlessMissing({ items: [] })),
  ]);

  return {
    machine, instance, events: events.items
  };
}

export function useMachine(target: Target, now: Ref<number>): LiveMachine {
  const { site, namespace, name } = target;
  // The node and the addresses are the instance's: they change when the machine itself does not.
  const live = useLive<Shown>((signal) => fetchMachine(target, signal), {
    path:     siteUrls(site).subscribe(),
    subjects: ['kubevirt.io.virtualmachine', 'kubevirt.io.virtualmachineinstance'].map((resourceType) => ({
      resourceType, namespace, id: name
    })),
  });
  const hub = useLive<Site | undefined>(
    (signal) => request<Site>(fleet.site(site), { signal }).catch(unlessMissing(undefined)),
    { path: fleet.subscribe(), subjects: [{ resourceType: 'site', id: site }] }
  );

  /** The hub knows at once whether the site is there; asking the site itself would take its time. */
  const away = computed<Sentence | undefined>(() => {
    const home = hub.data.value;

    if (home && !isConnected(home)) {
      return unlessConnected({
        name: nameOf(home), connected: false, lastHeard: home.lastHeard ?? ''
      }, now.value);
    }

    const error = live.error.value;

    return error?.unreachable ? { key: 'croft.site.noAnswer', args: { message: error.sentence } } : undefined;
  });

  watch(live.error, (e) => {
    // A machine that is gone stays gone; what was shown of it would mislead.
    if (e?.status === 404) {
      live.data.value = undefined;
    }
  });

  live.refresh();
  hub.refresh();

  return {
    ...live, home: computed(() => hub.data.value), away
  };
}
