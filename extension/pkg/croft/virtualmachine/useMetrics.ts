/** Follows what a machine uses, while its page is looked at. */
import { onBeforeUnmount, shallowRef, type ShallowRef } from 'vue';
import { asApiError, request } from '../api/client';
import { site as siteUrls, TYPE } from '../api/urls';
import type { Target } from '../action/target';
import type { Sentence } from '../display/sentence';
import {
  between, counted, pointsOf, type Point, type Usage
} from './metrics';

export type Source = 'prometheus' | 'kubevirt';

export interface Metrics {
  points: ShallowRef<Point[]>;
  /** Who told them; nobody yet, where this is absent. */
  source: ShallowRef<Source | undefined>;
  /** Why there are none. */
  trouble: ShallowRef<Sentence | undefined>;
}

const HOUR_MS = 3_600_000;
const AGAIN_MS: Record<Source, number> = { prometheus: 60_000, kubevirt: 10_000 };
/** Of what KubeVirt counts, the last hour is kept while the page is open. */
const KEPT = HOUR_MS / AGAIN_MS.kubevirt;

interface Pods {
  items: { metadata: { namespace: string; name: string } }[];
}

async function fromPrometheus({ site, namespace, name }: Target, signal: AbortSignal): Promise<Point[]> {
  return pointsOf(await request<Usage>(siteUrls(site).link(TYPE.virtualMachine, namespace, name, 'metrics'), { signal }));
}

/** What the handler of the machine's node counts. */
async function fromHandler({ site, namespace, name }: Target, node: string, signal: AbortSignal) {
  const urls = siteUrls(site);
  const { items: [pod] } = await request<Pods>(urls.handlers(node), { signal });

  if (!pod) {
    return { at: Date.now(), sums: new Map<string, number>() };
  }

  const text = await request<string>(urls.handlerMetrics(pod.metadata.namespace, pod.metadata.name), { signal });

  return { at: Date.now(), sums: counted(text, namespace, name) };
}

/** `node` is where the machine runs now. */
export function useMetrics(target: Target, node: () => string): Metrics {
  const points = shallowRef<Point[]>([]);
  const source = shallowRef<Source>();
  const trouble = shallowRef<Sentence>();
  const stopped = new AbortController();
  let before: Awaited<ReturnType<typeof fromHandler>> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether Prometheus has told something of this machine: then it alone is asked. */
  let known = false;
  /** Whether it has answered, and knew nothing: of a new machine it soon will. */
  let empty = false;

  async function byPrometheus() {
    const told = await fromPrometheus(target, stopped.signal);

    empty = !told.length;
    if (known || !empty) {
      known = true;
      points.value = told;
      source.value = 'prometheus';
    }
  }

  async function byKubeVirt() {
    const now = await fromHandler(target, node(), stopped.signal);

    points.value = [...points.value, between(before, now)].slice(-KEPT);
    before = now;
    source.value = 'kubevirt';
  }

  /** Prometheus is asked first, until KubeVirt has answered in its place. */
  async function take() {
    if (known) {
      await byPrometheus();

      return;
    }
    if (source.value !== 'kubevirt' || empty) {
      await byPrometheus().catch(() => {
        empty = false;
      });
    }
    if (!known) {
      await byKubeVirt().catch((e) => {
        if (!empty) {
          throw e;
        }
        source.value = 'prometheus'; // which is only late
      });
    }
  }

  async function follow() {
    try {
      if (document.visibilityState !== 'hidden') {
        await take();
        trouble.value = undefined;
      }
    } catch (e) {
      trouble.value = asApiError(e).sentence;
    }
    if (!stopped.signal.aborted) {
      timer = setTimeout(follow, AGAIN_MS[known ? 'prometheus' : 'kubevirt']);
    }
  }

  follow();
  onBeforeUnmount(() => {
    stopped.abort();
    clearTimeout(timer);
  });

  return {
    points, source, trouble
  };
}
