/**
 * What is sent of an edited machine: its changes alone, each with what was there before (JSON Patch, RFC 6902). The server
 * takes none of them where one of these places has changed meanwhile; what changed elsewhere does not matter.
 */
import type { VirtualMachine } from '../../api/kubevirt';

export interface Operation {
  op: 'test' | 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/** The media type of such a patch. */
export const JSON_PATCH = 'application/json-patch+json';

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return !!value && typeof value === 'object' && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** The value with the keys of its maps in one order, since servers do not keep it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }

  return isTree(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value;
}

function pointer(path: string, key: string): string {
  return `${ path }/${ key.replace(/~/g, '~0').replace(/\//g, '~1') }`;
}

/** The changes from one value to another; a list is changed as a whole. */
function between(before: unknown, after: unknown, path: string): Operation[] {
  if (same(before, after)) {
    return [];
  }
  if (isTree(before) && isTree(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => between(before[key], after[key], pointer(path, key)));
  }
  if (before === undefined) {
    return [{
      op: 'add', path, value: after
    }];
  }

  const test: Operation = {
    op: 'test', path, value: before
  };

  return [test, after === undefined ? { op: 'remove', path } : {
    op: 'replace', path, value: after
  }];
}

/** The changes of what a person may change of a machine. */
export function changesOf(before: VirtualMachine, after: VirtualMachine): Operation[] {
  return [
    ...between(before.metadata.labels, after.metadata.labels, '/metadata/labels'),
    ...between(before.metadata.annotations, after.metadata.annotations, '/metadata/annotations'),
    ...between(before.spec, after.spec, '/spec'),
  ];
}

function at(value: unknown, path: string): unknown {
  return path.split('/').slice(1).reduce<unknown>((found, key) => isTree(found) ? found[key.replace(/~1/g, '/').replace(/~0/g, '~')] : undefined, value);
}

/** Whether the machine is no longer as the changes expect it. */
export function isOvertaken(changes: Operation[], now: VirtualMachine): boolean {
  return changes.some(({ op, path, value }) => op === 'test' ? !same(at(now, path), value) : op === 'add' && at(now, path) !== undefined);
}
