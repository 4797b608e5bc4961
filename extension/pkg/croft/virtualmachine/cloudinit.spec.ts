import jsyaml from 'js-yaml';
import { keysOf, unlessUsable, userDataOf } from './cloudinit';

const KEY = 'ssh-ed25519 AAAAC3Nza me@example.org';

describe('unlessUsable', () => {
  it.each([
    ['nothing is a document too', '', undefined],
    ['the header alone', '#cloud-config\n', undefined],
    ['a map', '#cloud-config\nhostname: web\n', undefined],
    ['a script', '#!/bin/sh\necho hi\n', undefined],
    ['no header', 'hostname: web', 'croft.form.error.cloudConfigHeader'],
    ['a list', '#cloud-config\n- a\n', 'croft.form.error.cloudConfigMap'],
    ['not YAML', '#cloud-config\na: [', 'croft.form.error.cloudConfigYaml'],
  ])('%s', (_reason, userData, want) => {
    const got = unlessUsable(userData);

    expect(got && 'key' in got ? got.key : undefined).toBe(want);
  });
});

describe('userDataOf', () => {
  it.each([
    ['what was written stays as it was', '#cloud-config\n# mine\nhostname: web', '', '#cloud-config\n# mine\nhostname: web'],
    ['a script has no place for a key', '#!/bin/sh\n', KEY, '#!/bin/sh'],
  ])('%s', (_reason, userData, key, want) => {
    expect(userDataOf(userData, key)).toBe(want);
  });

  it('puts the keys beside those that are there, each once', () => {
    const got = userDataOf(`#cloud-config\nhostname: web\nssh_authorized_keys:\n- ${ KEY }\n`, `${ KEY }\nssh-rsa BBBB\n`);

    expect(got).toMatch(/^#cloud-config\n/);
    expect(jsyaml.load(got)).toStrictEqual({ hostname: 'web', ssh_authorized_keys: [KEY, 'ssh-rsa BBBB'] });
  });

  it('makes a document where there is none', () => {
    expect(jsyaml.load(userDataOf('', KEY))).toStrictEqual({ ssh_authorized_keys: [KEY] });
  });
});

describe('keysOf', () => {
  it('takes one key a line and leaves comments out', () => {
    expect(keysOf(`# laptop\n  ${ KEY }  \n\n`)).toStrictEqual([KEY]);
  });
});
