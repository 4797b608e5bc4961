/** Deletes a machine with the claims named, at its site and as the caller. */
import type { Target } from '../action/target';
import { request } from '../api/client';
import { site, TYPE } from '../api/urls';

export function remove({ site: id, namespace, name }: Target, claims: string[]): Promise<void> {
  return request<void>(site(id).removal(TYPE.virtualMachine, namespace, name, claims), { method: 'DELETE' });
}
