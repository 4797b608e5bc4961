import type { Affinity } from '../../api/kubevirt';
import {
  isWanted, newRule, putRules, rulesOf, unlessRule, type Rule
} from './affinity';
import { bare } from './object';

function machine(affinity?: Affinity) {
  const vm = bare();

  vm.spec.template.spec.affinity = affinity;

  return vm;
}

/** The affinity of a machine that had one, with other rules. */
function put(affinity: Affinity | undefined, rules: Rule[]): Affinity | undefined {
  const vm = machine(affinity);

  putRules(vm, rules);

  return vm.spec.template.spec.affinity;
}

const ssd: Rule = {
  ...newRule(), key: 'disk', values: ['ssd']
};
const web: Rule = {
  ...newRule('apart'), key: 'app', values: ['web']
};
const nodes = (...terms: unknown[]): Affinity => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms as never } } });
const DISK = {
  key: 'disk', operator: 'In', values: ['ssd']
};
const LAN = {
  key: 'network.harvesterhci.io/lan', operator: 'In', values: ['true']
};

describe('the rules of a machine', () => {
  it.each<[string, Rule]>([
    ['a must of its node', ssd],
    ['a wish of its node', {
      ...ssd, must: false, weight: 7
    }],
    ['a label that is there', {
      ...ssd, operator: 'Exists', values: []
    }],
    ['machines to be near', {
      ...newRule('near'), key: 'app', values: ['db', 'cache']
    }],
    ['machines to be apart from, as a wish and by zones', {
      ...web, must: false, reach: 'topology.kubernetes.io/zone'
    }],
  ])('are read as they were written: %s', (_reason, rule) => {
    expect(rulesOf(machine(put(undefined, [rule])))).toStrictEqual([rule]);
  });

  it.each<[string, Affinity]>([
    ['what the site asks itself', nodes({ matchExpressions: [LAN] })],
    ['what only one of two alternatives asks', nodes({ matchExpressions: [DISK] }, { matchExpressions: [LAN] })],
    ['a term about several labels', { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { a: 'b', c: 'd' } }, topologyKey: 'x' }] } }],
    ['a term about other namespaces', {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{
          labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'x', namespaces: ['n']
        } as never]
      }
    }],
  ])('are none, and stay: %s', (_reason, affinity) => {
    expect(rulesOf(machine(affinity))).toStrictEqual([]);
    expect(put(affinity, [web])).toMatchObject(affinity.podAntiAffinity ? {} : affinity);
    expect(put(affinity, [])).toStrictEqual(affinity);
  });

  it('come into every alternative', () => {
    expect(put(nodes({ matchExpressions: [LAN] }, { matchFields: [DISK] }), [ssd])).toStrictEqual(nodes({ matchExpressions: [LAN, DISK] }, { matchFields: [DISK], matchExpressions: [DISK] }));
  });

  it('go, and leave nothing that no node would meet', () => {
    expect(put(nodes({ matchExpressions: [LAN, DISK] }), [])).toStrictEqual(nodes({ matchExpressions: [LAN] }));
    expect(put(nodes({ matchExpressions: [DISK] }), [])).toBeUndefined();
  });

  it('keep how others wrote what stays', () => {
    const had: Affinity = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' } }] } };

    expect(put(had, [...rulesOf(machine(had)), ssd])).toStrictEqual({ ...had, ...nodes({ matchExpressions: [DISK] }) });
  });

  it('take what was typed with commas', () => {
    expect(put(undefined, [{ ...ssd, values: ['ssd', ' nvme', ''] }])).toStrictEqual(nodes({ matchExpressions: [{ ...DISK, values: ['ssd', 'nvme'] }] }));
  });
});

it.each<[string, Partial<Rule>, string | undefined]>([
  ['nothing wrong', {}, undefined],
  ['no label', { key: '' }, 'croft.form.error.required'],
  ['a label that is none', { key: 'a b' }, 'croft.form.error.label'],
  ['no values', { values: [''] }, 'croft.form.error.labelValues'],
  ['none that are needed', { operator: 'Exists', values: [] }, undefined],
])('a rule has %s', (_reason, change, want) => {
  expect(unlessRule({ ...ssd, ...change })).toStrictEqual(want && { key: want });
});

it.each<[string, Record<string, string> | undefined, Partial<Rule>, boolean]>([
  ['has the value', { disk: 'ssd' }, {}, true],
  ['has another', { disk: 'hdd' }, {}, false],
  ['has another than this', { disk: 'hdd' }, { operator: 'NotIn' }, true],
  ['has the label', { disk: 'hdd' }, { operator: 'Exists' }, true],
  ['has it, and may not', { disk: 'hdd' }, { operator: 'DoesNotExist' }, false],
  ['has it not, as is wished alone', {}, { must: false }, true],
  ['does not tell', undefined, {}, true],
])('a node is wanted, or not, that %s', (_reason, labels, change, want) => {
  expect(isWanted({
    name: 'n', cpu: 1, memory: 1, pins: false, devices: {}, ...(labels ? { labels } : {})
  }, [{ ...ssd, ...change }])).toBe(want);
});
