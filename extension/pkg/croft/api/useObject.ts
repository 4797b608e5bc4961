/** An object that is asked for once, or why it cannot be had; it is asked again only when somebody says so. */
import { shallowRef, type ShallowRef } from 'vue';
import type { Sentence } from '../display/sentence';
import { failed, request } from './client';

export interface Found<T> {
  object: ShallowRef<T | undefined>;
  failure: ShallowRef<Sentence | undefined>;
  read(): Promise<void>;
}

export function useObject<T>(url: string): Found<T> {
  const object = shallowRef<T>();
  const failure = shallowRef<Sentence>();

  async function read() {
    try {
      object.value = await request<T>(url);
      failure.value = undefined;
    } catch (e) {
      failure.value = failed(e);
    }
  }

  return {
    object, failure, read
  };
}
