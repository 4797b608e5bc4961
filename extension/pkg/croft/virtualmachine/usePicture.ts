/** What a machine's screen shows: a picture, taken again while the page is looked at. */
import {
  onBeforeUnmount, shallowRef, watch, type Ref, type ShallowRef
} from 'vue';
import { ApiError, asApiError, picture } from '../api/client';
import { site as siteUrls } from '../api/urls';
import type { Target } from '../action/target';
import type { Sentence } from '../display/sentence';

/** How often it is taken: each is a few KB, and KubeVirt opens the screen for it. */
const AGAIN_MS = 10_000;

export interface Picture {
  /** Where the browser has it; empty while there is none. */
  source: ShallowRef<string>;
  /** Why there is none. */
  trouble: ShallowRef<Sentence | undefined>;
}

/** Why there is no picture, in words. */
export function whyNone(error: ApiError): Sentence {
  return error.status === 403 ? { key: 'croft.machine.mayNotSee' } : { key: 'croft.machine.noPicture', args: { message: error.sentence } };
}

/** `shown` is whether the machine has a screen now. */
export function usePicture({ site, namespace, name }: Target, shown: Ref<boolean>): Picture {
  const source = shallowRef('');
  const trouble = shallowRef<Sentence>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = new AbortController();

  function show(url: string) {
    URL.revokeObjectURL(source.value);
    source.value = url;
  }

  async function take() {
    const mine = new AbortController();

    current.abort();
    current = mine;
    clearTimeout(timer);
    if (!shown.value) {
      show('');

      return;
    }

    try {
      // The page is not looked at: nothing is asked.
      if (document.visibilityState !== 'hidden') {
        const taken = await picture(siteUrls(site).picture(namespace, name), mine.signal);

        if (mine.signal.aborted) {
          return;
        }
        show(URL.createObjectURL(taken));
        trouble.value = undefined;
      }
    } catch (e) {
      if (mine.signal.aborted) {
        return;
      }
      show('');
      trouble.value = whyNone(asApiError(e));
      // Who may not see it will not be let by asking again.
      if (asApiError(e).status === 403) {
        return;
      }
    }
    timer = setTimeout(take, AGAIN_MS);
  }

  watch(shown, take, { immediate: true });
  onBeforeUnmount(() => {
    clearTimeout(timer);
    current.abort();
    show('');
  });

  return { source, trouble };
}
