/** A template of machines: a name over its versions, one of which is the default. */
import { named } from '../action/choice';
import {
  choice, name, optional, text, type Values
} from '../action/form';
import type { Condition } from '../api/fleet';
import type { VirtualMachine } from '../api/kubevirt';
import type { Metadata, Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import type { Kind } from '../kind/kind';
import type { FleetKind } from '../fleet/kind';
import { TEMPLATE_ROWS } from './rows';

export interface Template extends Resource {
  spec: { defaultVersionId?: string; description?: string };
  status?: { defaultVersion?: number; latestVersion?: number };
}

export interface Version extends Resource {
  spec: {
    templateId: string;
    description?: string;
    imageId?: string;
    /** `namespace/name` of the SSH keys that its machines are given. */
    keyPairIds?: string[];
    /** The machine as a client sends it to make one. */
    vm?: { metadata?: Pick<Metadata, 'labels' | 'annotations'>; spec?: VirtualMachine['spec'] };
  };
  status?: { version?: number; conditions?: Condition[] };
}

/** The template to POST; its first version comes with a machine, or as an object of its own. */
export function newTemplate(values: Values): Template {
  return {
    type:       TYPE.template,
    apiVersion: 'harvesterhci.io/v1beta1',
    kind:       'VirtualMachineTemplate',
    metadata:   { namespace: String(values.namespace), name: String(values.name).trim() },
    spec:       { description: String(values.description ?? '').trim() },
  };
}

/** The template with another default; the site refuses one that is no version of it. */
export function withDefault(template: Template, version: Version): Template {
  return { ...template, spec: { ...template.spec, defaultVersionId: `${ version.metadata.namespace }/${ version.metadata.name }` } };
}

export function isDefault(template: Template, { metadata }: Version): boolean {
  return template.spec.defaultVersionId === `${ metadata.namespace }/${ metadata.name }`;
}

/** Templates that everybody may read, and beside which nobody puts a machine. */
const PUBLIC = 'harvester-public';

/** The namespace that a machine of the version is offered first. */
export function homeOf({ metadata: { namespace = PUBLIC } }: Version): string {
  return namespace === PUBLIC ? 'default' : namespace;
}

/** Newest first; a version that has no number yet is the newest of all. */
export function newestFirst(versions: Version[]): Version[] {
  const number = ({ status }: Version) => status?.version ?? Infinity;

  return [...versions].sort((a, b) => number(a) === number(b) ? 0 : number(b) - number(a));
}

export const TEMPLATE: Kind<Template> = {
  word:       'template',
  page:       'templates',
  rows:       TEMPLATE_ROWS as unknown as FleetKind,
  type:       TYPE.template,
  namespaced: true,
  cells:      [
    {
      name: 'defaultVersion', text: ({ status }) => String(status?.defaultVersion || ''), number: true
    },
    {
      name: 'latestVersion', text: ({ status }) => String(status?.latestVersion || ''), number: true
    },
    { name: 'description', text: ({ spec }) => spec.description ?? '' },
  ],
  verbs:  [],
  create: {
    fields: {
      name: name(), namespace: choice(named(TYPE.namespace), 'default'), description: optional(text())
    },
    object: (_random, values) => newTemplate(values),
  },
};
