import fs from 'node:fs';
import path from 'node:path';

import { read, write } from './config';

/** The driver's flags as Rancher calls them: the first word as it is, the others with a capital. */
function fields(): string[] {
  const source = fs.readFileSync(path.join(__dirname, '../../../../fleet/driver/flags.go'), 'utf8');

  return [...source.matchAll(/ `flag:"([a-z-]+)"/g)].map(([, flag]) => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

/** What others fill in: the credential, Rancher's pages, rancher-machine; and what people seldom need. */
const OTHERS = [
  'kubeconfigContent', 'clusterType', 'clusterId', 'clusterName', 'poolName', 'userDataFile', 'createTimeout', 'sshPort', 'sshPassword', 'sshPrivateKeyPath',
];

describe('the fields of the form', () => {
  it('are the driver’s flags', () => {
    expect(Object.keys(write(read({}))).sort()).toStrictEqual(fields().filter((field) => !OTHERS.includes(field)).sort());
  });
});
