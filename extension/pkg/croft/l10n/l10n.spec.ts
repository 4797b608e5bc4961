import fs from 'node:fs';
import path from 'node:path';
import jsyaml from 'js-yaml';

type Tree = { [key: string]: string | Tree };

function keys(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => typeof value === 'string' ? [`${ prefix }${ key }`] : keys(value, `${ prefix }${ key }.`));
}

const read = (language: string) => jsyaml.load(fs.readFileSync(path.join(__dirname, `${ language }.yaml`), 'utf8')) as Tree;

function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);

    return entry.isDirectory() ? sources(file) : /(?<!\.spec)\.(ts|vue)$/.test(entry.name) ? [fs.readFileSync(file, 'utf8')] : [];
  });
}

describe('the words', () => {
  const english = keys(read('en-us'));

  it('are the same in every language', () => {
    expect(keys(read('zh-hans')).sort()).toStrictEqual([...english].sort());
  });

  it('are there for every key that the sources spell out', () => {
    const spelled = sources(path.join(__dirname, '..')).flatMap((source) => [...source.matchAll(/['"](croft\.[a-zA-Z.]+[a-zA-Z])['"]/g)].map((m) => m[1]));

    expect([...new Set(spelled)].filter((key) => !english.includes(key))).toStrictEqual([]);
  });
});
