/**
 * Where a machine is drawn to, and from where it is kept: rules about the labels of nodes and of other machines. What
 * Kubernetes can say beyond that, and what the site writes itself, stays in the object as it is.
 */
import type {
  Affinity, NodeTerm, PodTerm, Requirement, Spread, VirtualMachine
} from '../../api/kubevirt';
import type { Sentence } from '../../display/sentence';
import type { Room } from '../../machine-config/fit';

/** On such nodes, near such machines, or apart from them. */
export const KINDS = ['node', 'near', 'apart'] as const;
export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
/** How near is near: on one node, or in one zone. */
export const REACHES = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'];

export interface Rule {
  kind: typeof KINDS[number];
  key: string;
  operator: typeof OPERATORS[number];
  values: string[];
  /** Else it is a wish, which counts as much as its weight, 1 to 100. */
  must: boolean;
  weight: number;
  /** The label of nodes that tells what is one place; of nodes' own labels none is needed. */
  reach: string;
}

/** Labels that the site asks for itself. */
const OF_SITE = /^(network\.harvesterhci\.io|devices\.crofthci\.io)\//;
const LABEL = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export function newRule(kind: Rule['kind'] = 'node'): Rule {
  return {
    kind, key: '', operator: 'In', values: [], must: true, weight: 100, reach: kind === 'node' ? '' : REACHES[0]
  };
}

export function isListed({ operator }: Pick<Rule, 'operator'>): boolean {
  return operator === 'In' || operator === 'NotIn';
}

function ruleOf(kind: Rule['kind'], { key, operator, values = [] }: Requirement, more: Partial<Rule> = {}): Rule | undefined {
  const known = OPERATORS.find((one) => one === operator);

  return known && !OF_SITE.test(key) ? {
    ...newRule(kind), key, operator: known, values, ...more
  } : undefined;
}

/** What was typed with commas between, as values. */
function valuesOf({ values }: Pick<Rule, 'values'>): string[] {
  return values.map((value) => value.trim()).filter(Boolean);
}

function requirementOf(rule: Rule): Requirement {
  return {
    key: rule.key, operator: rule.operator, ...(isListed(rule) ? { values: valuesOf(rule) } : {})
  };
}

/** The rule of a term about machines, where it is about one label and of the machine's own namespace. */
function podRule(kind: Rule['kind'], { labelSelector, topologyKey, ...others }: PodTerm, more: Partial<Rule>): Rule | undefined {
  const { matchLabels = {}, matchExpressions = [] } = labelSelector ?? {};
  const all: Requirement[] = [...Object.entries(matchLabels).map(([key, value]) => ({
    key, operator: 'In', values: [value]
  })), ...matchExpressions];

  return all.length === 1 && !Object.keys(others).length ? ruleOf(kind, all[0], { ...more, reach: topologyKey }) : undefined;
}

const nodeWish = ({ weight, preference }: { weight: number; preference: NodeTerm }) => preference.matchExpressions?.length === 1 && !preference.matchFields?.length ? ruleOf('node', preference.matchExpressions[0], { must: false, weight }) : undefined;

/** What all of the alternatives of a machine ask of its node. */
function nodeMusts(terms: NodeTerm[] = []): Rule[] {
  const everywhere = (one: Requirement) => terms.every(({ matchExpressions = [] }) => matchExpressions.some((other) => same(one, other)));

  return (terms[0]?.matchExpressions ?? []).filter(everywhere).flatMap((one) => ruleOf('node', one) ?? []);
}

function spreadRules(kind: Rule['kind'], spread: Spread | undefined): Rule[] {
  return [
    ...(spread?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term) => podRule(kind, term, {}) ?? []),
    ...(spread?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, podAffinityTerm }) => podRule(kind, podAffinityTerm, { must: false, weight }) ?? []),
  ];
}

/** The rules of a machine. */
export function rulesOf(vm: VirtualMachine): Rule[] {
  const { nodeAffinity: node, podAffinity, podAntiAffinity } = vm.spec.template.spec.affinity ?? {};

  return [
    ...nodeMusts(node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms),
    ...(node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((wish) => nodeWish(wish) ?? []),
    ...spreadRules('near', podAffinity),
    ...spreadRules('apart', podAntiAffinity),
  ];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What was there and is no rule, or is one still; and what was not there. Nothing where nothing is left. */
function merged<T>(had: T[] = [], rules: Rule[], read: (one: T) => Rule | undefined, write: (rule: Rule) => T): T[] | undefined {
  const known = had.map((one) => ({ one, rule: read(one) }));
  const kept = known.filter(({ rule }) => !rule || rules.some((other) => same(rule, other))).map(({ one }) => one);
  const added = rules.filter((rule) => !known.some((other) => same(rule, other.rule))).map(write);

  return kept.length + added.length ? [...kept, ...added] : undefined;
}

/** The alternatives with the rules in each. One that asks for nothing more would be met by no node: then nothing is asked. */
function alternatives(had: NodeTerm[] | undefined, rules: Rule[]): NodeTerm[] | undefined {
  const before = nodeMusts(had).map(requirementOf);
  const after = rules.map(requirementOf);
  const terms = (had?.length ? had : [{}]).map((term) => {
    const others = (term.matchExpressions ?? []).filter((one) => !before.some((other) => same(one, other)) || after.some((other) => same(one, other)));

    return { ...term, matchExpressions: [...others, ...after.filter((one) => !others.some((other) => same(one, other)))] };
  });

  return terms.some(({ matchExpressions, matchFields }) => !matchExpressions.length && !matchFields?.length) ? undefined : terms;
}

/** Without what is undefined; nothing where nothing is left. */
function filled<T extends object>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);

  return entries.length ? Object.fromEntries(entries) as T : undefined;
}

function spreadOf(had: Spread | undefined, kind: Rule['kind'], rules: Rule[]): Spread | undefined {
  const term = (rule: Rule): PodTerm => ({ labelSelector: { matchExpressions: [requirementOf(rule)] }, topologyKey: rule.reach });
  const ours = rules.filter((rule) => rule.kind === kind);

  return filled({
    ...had,
    requiredDuringSchedulingIgnoredDuringExecution:  merged(had?.requiredDuringSchedulingIgnoredDuringExecution, ours.filter(({ must }) => must), (one) => podRule(kind, one, {}), term),
    preferredDuringSchedulingIgnoredDuringExecution: merged(had?.preferredDuringSchedulingIgnoredDuringExecution, ours.filter(({ must }) => !must), ({ weight, podAffinityTerm }) => podRule(kind, podAffinityTerm, { must: false, weight }), (rule) => ({ weight: rule.weight, podAffinityTerm: term(rule) })),
  });
}

/** Puts rules in the place of those that the machine had. */
export function putRules({ spec: { template: { spec } } }: VirtualMachine, rules: Rule[]): void {
  const had: Affinity = spec.affinity ?? {};
  const required = had.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const nodes = rules.filter(({ kind }) => kind === 'node');
  const terms = alternatives(required?.nodeSelectorTerms, nodes.filter(({ must }) => must));

  spec.affinity = filled({
    ...had,
    nodeAffinity: filled({
      ...had.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution:  terms && { ...required, nodeSelectorTerms: terms },
      preferredDuringSchedulingIgnoredDuringExecution: merged(had.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, nodes.filter(({ must }) => !must), nodeWish, (rule) => ({ weight: rule.weight, preference: { matchExpressions: [requirementOf(rule)] } })),
    }),
    podAffinity:     spreadOf(had.podAffinity, 'near', rules),
    podAntiAffinity: spreadOf(had.podAntiAffinity, 'apart', rules),
  });
  if (!spec.affinity) {
    delete spec.affinity;
  }
}

/** What is wrong with a rule by itself. */
export function unlessRule(rule: Rule): Sentence | undefined {
  if (!LABEL.test(rule.key)) {
    return { key: rule.key ? 'croft.form.error.label' : 'croft.form.error.required' };
  }

  return isListed(rule) && !valuesOf(rule).length ? { key: 'croft.form.error.labelValues' } : undefined;
}

/** Whether a node is one that the rules about nodes want; of one whose labels are not known it is believed. */
export function isWanted({ labels }: Room, rules: Rule[]): boolean {
  return !labels || rules.filter(({ kind, must, key }) => kind === 'node' && must && key).every(({ key, operator, values }) => {
    const among = key in labels && (operator === 'Exists' || values.includes(labels[key]));

    return operator === 'DoesNotExist' ? !(key in labels) : operator === 'NotIn' ? !among : among;
  });
}
