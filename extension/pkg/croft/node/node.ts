/** A node of a site: what it has, and whether it is being maintained. */
import { act } from '../action/act';
import { words } from '../action/choice';
import {
  choice, optional, text, yesNo, type Fields, type Values
} from '../action/form';
import type { Subject } from '../action/target';
import {
  nodeVerbs, type MaintenanceInput, type NodeVerb, type PowerInput, type UnhealthyMachines
} from '../api/actions.generated';
import { request, sentenceOf } from '../api/client';
import type { MachineList } from '../api/fleet';
import type { Resource } from '../api/steve';
import { fleet, site, TYPE } from '../api/urls';
import { bytes, parse } from '../display/quantity';
import type { Sentence } from '../display/sentence';
import type { Kind } from '../kind/kind';
import { filterValue } from '../table/view';
import type { FleetKind } from '../fleet/kind';
import { NODE_ROWS } from './rows';

export interface Node extends Resource {
  spec?: { unschedulable?: boolean };
  status?: { capacity?: { cpu?: string; memory?: string }; nodeInfo?: { kubeletVersion?: string } };
}

const ROLE = /^node-role\.(?:kubernetes|harvesterhci)\.io\/(.+)$/;
const MAINTENANCE = 'harvesterhci.io/maintain-status';
const CUSTOM_NAME = 'harvesterhci.io/host-custom-name';
const CONSOLE_URL = 'harvesterhci.io/host-console-url';

export function rolesOf({ metadata }: Node): string {
  const roles = Object.keys(metadata.labels ?? {}).flatMap((label) => ROLE.exec(label)?.[1] ?? []);

  return [...new Set(roles)].sort().join(', ');
}

export function maintenanceOf({ metadata, spec }: Node): string {
  return metadata.annotations?.[MAINTENANCE] ?? (spec?.unschedulable ? 'cordoned' : '');
}

export function memoryOf({ status }: Node): string {
  const memory = parse(status?.capacity?.memory);

  return memory ? bytes(memory) : '';
}

/** What the site answers about machines that maintenance would stop. */
export function sentences(unhealthy: UnhealthyMachines[] | undefined): Sentence[] {
  return (unhealthy ?? []).filter(({ vms }) => vms?.length).map(({ message, vms }) => ({ text: `${ message }: ${ vms.join(', ') }` }));
}

/** The most machines that are named one by one. */
const NAMED = 10;

/** What runs on the node now: maintenance moves it away. */
export function moving({ count = 0, data }: Pick<MachineList, 'count' | 'data'>): Sentence {
  if (!count) {
    return { key: 'croft.node.nothingMoves' };
  }

  const names = data.slice(0, NAMED).map(({ namespace, name }) => `${ namespace }/${ name }`).join(', ');

  return { key: count > NAMED ? 'croft.node.movesMore' : 'croft.node.moves', args: { count, names } };
}

async function willMove(node: Subject): Promise<Sentence> {
  return moving(await request<MachineList>(fleet.virtualMachines(new URLSearchParams([
    ['site', node.site], ['filter', `node=${ filterValue(node.name) }`], ['filter', 'state!=Stopped'], ['sort', 'name'], ['pagesize', String(NAMED)],
  ]))));
}

/** Why the node cannot be maintained now, which machines would not come through it, and which would move. */
async function standsInTheWay(node: Subject): Promise<Sentence[]> {
  const unhealthy = request<UnhealthyMachines[]>(site(node.site).action(TYPE.node, '', node.name, 'listUnhealthyVM'), { method: 'POST', body: {} });
  const [impossible, machines, moves] = await Promise.all([
    act(node, 'maintenancePossible').then(() => [], (e: unknown) => [sentenceOf(e)]),
    unhealthy.then(sentences, () => []),
    // The hub may be behind or not there; the site has the last word.
    willMove(node).then((sentence) => [sentence], () => []),
  ]);

  return [...impossible, ...machines, ...moves];
}

/** The node with what people call it and where its console is; emptied is taken away. */
export function described(node: Node, values: Values): Node {
  const { [CUSTOM_NAME]: _name, [CONSOLE_URL]: _console, ...rest } = node.metadata.annotations ?? {};
  const told = Object.entries({ [CUSTOM_NAME]: values.customName, [CONSOLE_URL]: values.consoleUrl }).filter(([, value]) => value);

  return { ...node, metadata: { ...node.metadata, annotations: { ...rest, ...Object.fromEntries(told) as Record<string, string> } } };
}

/** Verbs that only tell whether another is possible: their sentences stand on the other's entry, or in its dialog. */
const CHECKS: readonly NodeVerb[] = ['maintenancePossible', 'powerActionPossible'];

const maintenance: Fields<MaintenanceInput> = { force: { ...yesNo(), asText: true } };
const power: Fields<PowerInput> = { operation: choice(words('shutdown', 'poweron', 'reboot')) };

export const NODE: Kind<Node> = {
  word:       'node',
  page:       'nodes',
  rows:       NODE_ROWS as unknown as FleetKind,
  type:       TYPE.node,
  namespaced: false,
  cells:      [
    { name: 'customName', text: ({ metadata }) => metadata.annotations?.[CUSTOM_NAME] ?? '' },
    { name: 'roles', text: rolesOf },
    { name: 'version', text: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '' },
    {
      name: 'cpu', text: ({ status }) => status?.capacity?.cpu ?? '', number: true
    },
    {
      name: 'memory', text: memoryOf, number: true
    },
    { name: 'maintenance', text: maintenanceOf },
  ],
  verbs: nodeVerbs.filter((verb) => !CHECKS.includes(verb)),
  forms: { enableMaintenanceMode: maintenance, powerAction: power },
  notes: { enableMaintenanceMode: standsInTheWay },
  edit:  {
    fields: { customName: optional(text()), consoleUrl: optional(text()) },
    values: ({ metadata: { annotations = {} } }) => ({ customName: annotations[CUSTOM_NAME] ?? '', consoleUrl: annotations[CONSOLE_URL] ?? '' }),
    object: described,
  },
};
