import fs from 'node:fs';
import path from 'node:path';
import jsyaml from 'js-yaml';
import { KINDS, OPERATORS } from './affinity';
import { WAYS } from './credential';
import { DEVICE_KINDS } from './device';
import { SOURCES } from './disk';
import { MAINTENANCE, RUN_STRATEGIES } from './form';

type Tree = { [key: string]: string | Tree };

const { croft: { form } } = jsyaml.load(fs.readFileSync(path.join(__dirname, '../../l10n/en-us.yaml'), 'utf8')) as { croft: { form: Record<string, Tree> } };

/** The words that a file asks for by a function. */
function asked(file: string, name: string): string[] {
  return [...fs.readFileSync(path.join(__dirname, file), 'utf8').matchAll(new RegExp(`${ name }\\(.*?'([a-zA-Z]+)'`, 'g'))].map((m) => m[1]);
}

describe('the words of the form', () => {
  it.each([
    ['where a disk’s bytes come from', 'sources', [...SOURCES]],
    ['when it is switched on', 'strategies', RUN_STRATEGIES],
    ['what happens to it in maintenance', 'maintenances', MAINTENANCE.map((word) => word || 'usual')],
    ['when changes take effect', 'effect', ['now', 'move', 'restart']],
    ['where it fits', 'place', ['image', 'network', 'class', ...asked('place.ts', 'say')]],
    ['what a device is', 'deviceKinds', [...DEVICE_KINDS]],
    ['what a rule is about', 'ruleKinds', [...KINDS]],
    ['what it asks', 'ruleOperators', [...OPERATORS]],
    ['how far it reaches', 'ruleReaches', ['node', 'zone']],
    ['by what users get in', 'credentialKinds', ['keys', 'password']],
    ['how that is brought', 'ways', [...WAYS]],
    ['what is wrong', 'error', asked('form.ts', 'refuse')],
    ['what the site lacks', 'error', ['volumeGone', 'nodeGone', 'secretGone', 'noSuchNode']],
  ])('are there for %s', (_reason, group, want) => {
    expect(want.length).toBeGreaterThan(1);
    expect(want.filter((key) => !(key in form[group]))).toStrictEqual([]);
  });
});
