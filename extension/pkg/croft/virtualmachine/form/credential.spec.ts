import {
  credentialsOf, newCredential, putCredentials, resumed, secretsOf, unlessCredential, type Credential
} from './credential';
import { bare } from './object';

const machine = (credentials: Credential[] = []) => {
  const vm = bare();

  Object.assign(vm.metadata, { name: 'web', namespace: 'default' });
  putCredentials(vm, credentials, 'x');

  return vm;
};
const keys: Credential = {
  ...newCredential(), users: 'root, croft', secret: 'mine'
};
const fresh: Credential = {
  ...newCredential(), users: 'root', keys: 'ssh-rsa AAAA a\nssh-rsa BBBB b'
};
const password: Credential = {
  ...newCredential(), kind: 'password', users: 'croft', password: 'secret'
};

describe('the access of users to a machine', () => {
  it('is in KubeVirt’s shape', () => {
    expect(machine([keys, password, {
      ...newCredential(), way: 'noCloud', secret: 'seed'
    }]).spec.template.spec.accessCredentials).toStrictEqual([
      { sshPublicKey: { source: { secret: { secretName: 'mine' } }, propagationMethod: { qemuGuestAgent: { users: ['root', 'croft'] } } } },
      { userPassword: { source: { secret: { secretName: 'web-access-1-x' } }, propagationMethod: { qemuGuestAgent: {} } } },
      { sshPublicKey: { source: { secret: { secretName: 'seed' } }, propagationMethod: { noCloud: {} } } },
    ]);
    expect(machine().spec.template.spec).not.toHaveProperty('accessCredentials');
  });

  it('is read as it was written', () => {
    expect(credentialsOf(machine([keys]))).toStrictEqual([keys]);
  });

  it('is by Secrets that are made where none is named, and are the machine’s once it is there', () => {
    const vm = machine([keys, fresh, password]);

    expect(secretsOf(vm, [keys, fresh, password], 'x')).toStrictEqual([
      {
        apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'web-access-1-x' }, stringData: { key0: 'ssh-rsa AAAA a', key1: 'ssh-rsa BBBB b' }
      },
      {
        apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'web-access-2-x' }, stringData: { croft: 'secret' }
      },
    ]);
    vm.metadata.uid = 'u';
    expect(secretsOf(vm, [password], 'x')[0].metadata.ownerReferences).toStrictEqual([{
      apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'u'
    }]);
  });

  it('keeps what was typed where the machine is written as YAML', () => {
    expect(resumed(machine([keys, fresh, password]), [keys, fresh, password], 'x')).toStrictEqual([keys, fresh, password]);
  });

  it.each<[string, Credential, string[]]>([
    ['nothing wrong with keys', fresh, []],
    ['nothing wrong with a Secret of passwords', {
      ...password, users: '', password: '', secret: 's'
    }, []],
    ['nothing in it', newCredential(), ['keys-0', 'users-0']],
    ['a key that is none', { ...fresh, keys: 'x' }, ['keys-0']],
    ['no user that cloud-init needs', {
      ...fresh, way: 'noCloud', users: ''
    }, []],
    ['a user that is none', { ...keys, users: 'a:b' }, ['users-0']],
    ['no password', { ...password, password: '' }, ['password-0']],
  ])('has %s', (_reason, credential, want) => {
    expect(Object.entries(unlessCredential(credential, 0)).flatMap(([word, wrong]) => wrong ? [word] : []).sort()).toStrictEqual(want);
  });
});
