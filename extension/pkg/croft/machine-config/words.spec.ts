import fs from 'node:fs';
import path from 'node:path';
import jsyaml from 'js-yaml';

type Tree = { [key: string]: string | Tree };

const { croft: { guest } } = jsyaml.load(fs.readFileSync(path.join(__dirname, '../l10n/en-us.yaml'), 'utf8')) as { croft: { guest: Record<string, Tree> } };

/** The words that the sources of a folder refuse with. */
function refused(folder: string): string[] {
  const sources = fs.readdirSync(path.join(__dirname, folder)).filter((file) => /(?<!\.spec)\.ts$/.test(file));

  return sources.flatMap((file) => [...fs.readFileSync(path.join(__dirname, folder, file), 'utf8').matchAll(/(?:refuse\(|, |: )'([a-zA-Z]+Gone)'|refuse\('([a-zA-Z]+)'/g)].map((m) => m[1] ?? m[2]));
}

describe('the words of the forms', () => {
  it.each([
    ['of the machines', '.', 'error'],
    ['of the kubeconfig', '../cloud-credential', 'kubeconfig'],
  ])('are there for every refusal %s, and no others', (_reason, folder, group) => {
    expect([...new Set(refused(folder))].sort()).toStrictEqual(Object.keys(guest[group]).sort());
  });

  it.each([
    ['how a pool’s machines lie', 'affinity', ['none', 'pack', 'separate', 'spread']],
    ['what runs out', 'thing', ['cpu', 'memory', 'nodes', 'pinning']],
    ['the lists and documents', 'field', ['labels', 'networkData', 'networkDocument', 'tags', 'userData', 'userDocument']],
  ])('are there for %s', (_reason, group, want) => {
    expect(want.filter((key) => !(key in guest[group]))).toStrictEqual([]);
  });
});
