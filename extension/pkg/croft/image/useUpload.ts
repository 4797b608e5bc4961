/** Adds an image: asks the site for it, and where its bytes are the reader's, sends them and tells how far they are. */
import { onBeforeUnmount, ref, type Ref } from 'vue';
import { send as sendTo } from '../action/act';
import { subjectOf } from '../action/target';
import { request } from '../api/client';
import type { Image } from '../api/image';
import { site as siteUrls, TYPE } from '../api/urls';
import { suffix } from '../display/random';
import { newImage, type ImageForm } from './image';

export interface Adding {
  /** Percent of the file that was sent; nothing while none is being sent. */
  sent: Ref<number | undefined>;
  add(form: ImageForm): Promise<void>;
  abort(): void;
}

export function useUpload(site: string): Adding {
  const urls = siteUrls(site);
  const sent = ref<number>();
  let current: AbortController | undefined;

  async function send(image: Image, file: File) {
    const { namespace = '', name } = image.metadata;

    current = new AbortController();
    sent.value = 0;
    try {
      await sendTo(subjectOf(site, TYPE.image, image), 'upload', file, (percent) => {
        sent.value = percent;
      }, current.signal);
    } catch (e) {
      // An image without its bytes is of no use, and would keep its name from the next try.
      await request(urls.object(TYPE.image, namespace, name), { method: 'DELETE' }).catch(() => undefined);
      throw e;
    } finally {
      sent.value = current = undefined;
    }
  }

  const abort = () => current?.abort();

  // A page that is left sends no more: nobody would see how it ends.
  onBeforeUnmount(abort);

  return {
    sent,
    abort,
    async add(form) {
      const image = newImage(form, suffix());
      const made = await request<Image | undefined>(urls.list(TYPE.image), { method: 'POST', body: image });

      if (form.sourceType === 'upload' && form.file) {
        await send(made ?? image, form.file);
      }
    },
  };
}
