/** Does what a menu entry says, at the machine's site and as the caller. */
import type { MigratableNodes, MigrateInput, VirtualMachineQuestion } from '../api/actions.generated';
import { request } from '../api/client';
import { site, TYPE } from '../api/urls';
import type { Verb } from './actions';

export interface Target {
  site: string;
  namespace: string;
  name: string;
}

const FIND_NODES: VirtualMachineQuestion = 'findMigratableNodes';

/** Nodes that the machine can move to now. */
export async function migratableNodes({ site: id, namespace, name }: Target, signal?: AbortSignal): Promise<string[]> {
  const answer = await request<Partial<MigratableNodes> | undefined>(
    site(id).action(TYPE.virtualMachine, namespace, name, FIND_NODES),
    {
      method: 'POST', body: {}, signal
    }
  );

  return answer?.nodes ?? [];
}

export function perform({ site: id, namespace, name }: Target, verb: Verb, input: MigrateInput = {}): Promise<void> {
  return request<void>(site(id).action(TYPE.virtualMachine, namespace, name, verb), { method: 'POST', body: input });
}

/** Deletes the machine with the claims named. */
export function remove({ site: id, namespace, name }: Target, claims: string[]): Promise<void> {
  return request<void>(site(id).removal(TYPE.virtualMachine, namespace, name, claims), { method: 'DELETE' });
}
