/**
 * By what users get into a machine while it runs: keys and passwords in Secrets of its namespace, which KubeVirt gives to the
 * guest's agent, and keys that cloud-init takes when it first boots. A Secret that is there is named; another is made with
 * the machine, is the machine's, and goes with it.
 */
import type { AccessCredential, VirtualMachine } from '../../api/kubevirt';
import type { Resource } from '../../api/steve';
import type { Sentence } from '../../display/sentence';
import { keysOf, PUBLIC_KEY } from '../cloudinit';

/** KubeVirt's words for how the keys go into the guest. */
export const WAYS = ['qemuGuestAgent', 'noCloud', 'configDrive'] as const;

export interface Credential {
  kind: 'keys' | 'password';
  way: typeof WAYS[number];
  /** Whose keys or password they are, with commas between them. Of a Secret with passwords that is there, the Secret says it. */
  users: string;
  /** The Secret that is there; empty for one that is made with the machine. */
  secret: string;
  /** Public keys of a Secret to be made, one a line. */
  keys: string;
  /** The password of a Secret to be made. */
  password: string;
}

export interface Secret extends Resource {
  stringData: Record<string, string>;
}

const USER = /^[a-z_][-a-z0-9_.]{0,31}$/i;

export function newCredential(): Credential {
  return {
    kind: 'keys', way: 'qemuGuestAgent', users: '', secret: '', keys: '', password: ''
  };
}

function usersOf(users: string): string[] {
  return users.split(/[\s,]+/).filter(Boolean);
}

export function credentialsOf({ spec: { template: { spec } } }: VirtualMachine): Credential[] {
  return (spec.accessCredentials ?? []).flatMap(({ sshPublicKey, userPassword }): Credential[] => {
    const one = sshPublicKey ?? userPassword;
    const secret = one?.source.secret?.secretName;
    const way = WAYS.find((word) => one?.propagationMethod[word]);

    return secret && way ? [{
      ...newCredential(), kind: sshPublicKey ? 'keys' : 'password', way, users: sshPublicKey?.propagationMethod.qemuGuestAgent?.users?.join(', ') ?? '', secret
    }] : [];
  });
}

/** What a Secret is called that is made with a machine. */
function nameOf({ metadata }: VirtualMachine, n: number, random: string): string {
  return `${ metadata.name }-access-${ n }-${ random }`;
}

/** Puts credentials in the place of those that the machine had. */
export function putCredentials(vm: VirtualMachine, credentials: Credential[], random: string): void {
  const { spec } = vm.spec.template;

  spec.accessCredentials = credentials.map(({
    kind, way, users, secret
  }, n): AccessCredential => {
    const source = { secret: { secretName: secret || nameOf(vm, n, random) } };

    return kind === 'password' ? { userPassword: { source, propagationMethod: { qemuGuestAgent: {} } } } : { sshPublicKey: { source, propagationMethod: { [way]: way === 'qemuGuestAgent' ? { users: usersOf(users) } : {} } } };
  });
  if (!spec.accessCredentials.length) {
    delete spec.accessCredentials;
  }
}

/** The Secrets that are made with a machine. Once it is there it owns them. */
export function secretsOf(vm: VirtualMachine, credentials: Credential[], random: string): Secret[] {
  const { namespace, name, uid } = vm.metadata;
  const owner = uid ? {
    ownerReferences: [{
      apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name, uid
    }]
  } : {};

  return credentials.flatMap(({
    kind, users, secret, keys, password
  }, n): Secret[] => secret ? [] : [{
    apiVersion: 'v1',
    kind:       'Secret',
    metadata:   {
      namespace, name: nameOf(vm, n, random), ...owner
    },
    stringData: kind === 'password' ? Object.fromEntries(usersOf(users).map((user) => [user, password])) : Object.fromEntries(keysOf(keys).map((key, i) => [`key${ i }`, key])),
  }]);
}

/** Credentials of a machine that was written as YAML, with what is to be in the Secrets that are yet to be made. */
export function resumed(vm: VirtualMachine, pending: Credential[], random: string): Credential[] {
  return credentialsOf(vm).map((one) => {
    const had = pending.find(({ secret }, n) => !secret && one.secret === nameOf(vm, n, random));

    return had ? {
      ...one, secret: '', users: one.kind === 'password' ? had.users : one.users, keys: had.keys, password: had.password
    } : one;
  });
}

/** What is wrong with the nth credential, by the word of its field. */
export function unlessCredential({
  kind, way, users, secret, keys, password
}: Credential, n: number): Partial<Record<string, Sentence>> {
  const required = { key: 'croft.form.error.required' };
  const named = kind === 'password' ? !secret : way === 'qemuGuestAgent';
  const typed = keysOf(keys);
  const all = usersOf(users);

  return {
    [`users-${ n }`]:    named && !all.length ? required : named && all.some((user) => !USER.test(user)) ? { key: 'croft.form.error.user' } : undefined,
    [`keys-${ n }`]:     kind !== 'keys' || secret ? undefined : !typed.length ? required : typed.every((key) => PUBLIC_KEY.test(key)) ? undefined : { key: 'croft.form.error.sshKey' },
    [`password-${ n }`]: kind === 'password' && !secret && !password ? required : undefined,
  };
}
