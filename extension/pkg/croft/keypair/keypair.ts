/** The public half of an SSH key that machines can be given. */
import { named } from '../action/choice';
import {
  choice, lines, name, type Fields, type Values
} from '../action/form';
import type { KeygenInput } from '../api/actions.generated';
import type { Condition } from '../api/fleet';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import { conditionOf, type Kind } from '../kind/kind';

export interface KeyPair extends Resource {
  spec: { publicKey: string };
  status?: { fingerPrint?: string; conditions?: Condition[] };
}

/** Why the site could not read the key, if it could not. */
export function trouble({ status }: KeyPair): string {
  const validated = conditionOf(status?.conditions, 'validated');

  return validated?.status === 'False' ? validated.message || validated.reason || '' : '';
}

export function newKeyPair(values: Values): KeyPair {
  return {
    type:       TYPE.keyPair,
    apiVersion: 'harvesterhci.io/v1beta1',
    kind:       'KeyPair',
    metadata:   { namespace: String(values.namespace), name: String(values.name).trim() },
    spec:       { publicKey: String(values.publicKey).trim() },
  };
}

const place = (): Fields<KeygenInput> => ({ name: name(), namespace: choice(named(TYPE.namespace), 'default') });

export const KEY_PAIR: Kind<KeyPair> = {
  word:       'keypair',
  page:       'keypairs',
  type:       TYPE.keyPair,
  namespaced: true,
  cells:      [
    {
      name: 'fingerprint', text: ({ status }) => status?.fingerPrint ?? '', sort: 'status.fingerPrint', long: true
    },
    {
      name: 'trouble', text: trouble, long: true
    },
  ],
  verbs:      [],
  collective: { keygen: place() },
  create:     {
    fields: { ...place(), publicKey: lines() },
    object: (_random, values) => newKeyPair(values),
  },
};
