import { newKeyPair, trouble, type KeyPair } from './keypair';

const key = (status?: KeyPair['status']): KeyPair => ({
  ...newKeyPair({
    name: 'mine', namespace: 'default', publicKey: ' ssh-ed25519 AAAA \n'
  }),
  status
});

describe('a key', () => {
  it('is one line', () => {
    expect(key().spec.publicKey).toBe('ssh-ed25519 AAAA');
  });

  it.each([
    ['not looked at yet', undefined, ''],
    ['good', { conditions: [{ type: 'validated', status: 'True' }] }, ''],
    ['bad, in the site’s words', {
      conditions: [{
        type: 'validated', status: 'False', message: 'It is no key.'
      }]
    }, 'It is no key.'],
  ])('says what is wrong with it: %s', (_reason, status, want) => {
    expect(trouble(key(status))).toBe(want);
  });
});
