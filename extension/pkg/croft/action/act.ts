/** Does what was chosen, at the object's site and as the caller. */
import { request } from '../api/client';
import type { Resource } from '../api/steve';
import { upload } from '../api/upload';
import { site } from '../api/urls';
import type { Subject } from './target';

export function act({
  site: id, type, namespace, name
}: Subject, verb: string, input: Record<string, unknown> = {}): Promise<void> {
  return request<void>(site(id).action(type, namespace, name, verb), { method: 'POST', body: input });
}

/** Sends a file to an action that takes one, and tells how much of it is there in percent. */
export function send({
  site: id, type, namespace, name
}: Subject, verb: string, file: File, progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
  return upload(site(id).upload(type, namespace, name, verb, file.size), file, { signal, progress: (sent) => progress(Math.floor(100 * sent / Math.max(1, file.size))) });
}

export function remove({
  site: id, type, namespace, name
}: Subject): Promise<void> {
  return request<void>(site(id).object(type, namespace, name), { method: 'DELETE' });
}

/** Writes an object back as it was changed; the site refuses it where somebody else has changed it meanwhile. */
export function replace({
  site: id, type, namespace, name
}: Subject, object: Resource): Promise<void> {
  return request<void>(site(id).object(type, namespace, name), { method: 'PUT', body: object });
}

export function make<T extends Resource>(id: string, type: Subject['type'], object: T): Promise<T> {
  return request<T>(site(id).list(type), { method: 'POST', body: object });
}
