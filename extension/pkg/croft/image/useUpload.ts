/** Adds an image: asks the site for it, and where its bytes are the reader's, sends them and tells how far they are. */
import { onBeforeUnmount, ref, type Ref } from 'vue';
import { send as sendTo } from '../action/act';
import { subjectOf } from '../action/target';
import { ApiError, request } from '../api/client';
import type { Image } from '../api/image';
import { site as siteUrls, TYPE } from '../api/urls';
import { suffix } from '../display/random';
import { newImage, type ImageForm } from './image';

export interface Adding {
  /** Percent of the file that was sent; nothing while none is being sent. */
  sent: Ref<number | undefined>;
  /** The connection was lost while the file was sent, which has to be sent again from its beginning. */
  lost: Ref<boolean>;
  add(form: ImageForm): Promise<void>;
  abort(): void;
}

export function useUpload(site: string): Adding {
  const urls = siteUrls(site);
  const sent = ref<number>();
  const lost = ref(false);
  let current: AbortController | undefined;
  /** An image that has not got its bytes: it is of no use, and would keep its name from the next try. */
  let left: Image | undefined;

  async function forget() {
    if (!left) {
      return;
    }

    const { namespace = '', name } = left.metadata;

    await request(urls.object(TYPE.image, namespace, name), { method: 'DELETE' }).catch((e) => {
      if (!(e instanceof ApiError && e.status === 404)) {
        throw e;
      }
    });
    left = undefined;
  }

  /** CDI takes a file as a whole: of one that broke off nothing is kept, whatever was sent. */
  function broken(e: unknown): unknown {
    if (!(e instanceof ApiError && e.unreachable)) {
      return e;
    }
    lost.value = true;

    return new ApiError(e.status, e.code, e.message, '', { key: 'croft.image.lost', args: { percent: sent.value ?? 0, message: e.sentence } });
  }

  async function send(image: Image, file: File) {
    current = new AbortController();
    sent.value = 0;
    left = image;
    try {
      await sendTo(subjectOf(site, TYPE.image, image), 'upload', file, (percent) => {
        sent.value = percent;
      }, current.signal);
      left = undefined;
    } catch (e) {
      // Where the connection is gone this is too: the next try begins with it.
      await forget().catch(() => undefined);
      throw broken(e);
    } finally {
      sent.value = current = undefined;
    }
  }

  const abort = () => current?.abort();

  // A page that is left sends no more: nobody would see how it ends.
  onBeforeUnmount(abort);

  return {
    sent,
    lost,
    abort,
    async add(form) {
      lost.value = false;
      await forget();

      const image = newImage(form, suffix());
      const made = await request<Image | undefined>(urls.list(TYPE.image), { method: 'POST', body: image });

      if (form.sourceType === 'upload' && form.file) {
        await send(made ?? image, form.file);
      }
    },
  };
}
