import type { VirtualMachine } from '../../api/kubevirt';
import { changesOf, isOvertaken } from './change';

const machine = (spec: object, metadata: object = {}): VirtualMachine => ({ metadata: { name: 'web', ...metadata }, spec: spec as VirtualMachine['spec'] });

describe('what is sent', () => {
  it.each<[string, VirtualMachine, VirtualMachine, unknown[]]>([
    ['nothing, where nothing changed', machine({ a: { b: 1, c: 2 } }), machine({ a: { c: 2, b: 1 } }), []],
    ['a value, with what it was', machine({ a: { b: 1, c: 2 } }), machine({ a: { b: 3, c: 2 } }), [{
      op: 'test', path: '/spec/a/b', value: 1
    }, {
      op: 'replace', path: '/spec/a/b', value: 3
    }]],
    ['a new value', machine({}), machine({ a: 1 }), [{
      op: 'add', path: '/spec/a', value: 1
    }]],
    ['a value that is gone', machine({ a: 1 }), machine({}), [{
      op: 'test', path: '/spec/a', value: 1
    }, { op: 'remove', path: '/spec/a' }]],
    ['a list as a whole', machine({ a: [1, 2] }), machine({ a: [2] }), [{
      op: 'test', path: '/spec/a', value: [1, 2]
    }, {
      op: 'replace', path: '/spec/a', value: [2]
    }]],
    ['an annotation with a slash', machine({}, { annotations: { 'x/y~z': '1' } }), machine({}, { annotations: { 'x/y~z': '2' } }), [{
      op: 'test', path: '/metadata/annotations/x~1y~0z', value: '1'
    }, {
      op: 'replace', path: '/metadata/annotations/x~1y~0z', value: '2'
    }]],
    ['the first label', machine({}), machine({}, { labels: { a: 'b' } }), [{
      op: 'add', path: '/metadata/labels', value: { a: 'b' }
    }]],
    ['nothing of what a person cannot change', machine({}, { resourceVersion: '1' }), machine({}, { resourceVersion: '2', name: 'other' }), []],
  ])('is %s', (_reason, before, after, want) => {
    expect(changesOf(before, after)).toStrictEqual(want);
  });
});

describe('somebody else’s change', () => {
  const changes = changesOf(machine({ a: { b: 1 }, l: [{ x: 1, y: 2 }] }), machine({
    a: { b: 2 }, n: 1, l: []
  }));

  it.each([
    ['of something else does not matter', machine({ a: { b: 1, c: 5 }, l: [{ y: 2, x: 1 }] }), false],
    ['of the same does', machine({ a: { b: 9 }, l: [{ x: 1, y: 2 }] }), true],
    ['of the list does', machine({ a: { b: 1 }, l: [] }), true],
    ['that made what is to be made does', machine({
      a: { b: 1 }, l: [{ x: 1, y: 2 }], n: 7
    }), true],
    ['that took the place away does', machine({ l: [{ x: 1, y: 2 }] }), true],
  ])('%s', (_reason, now, want) => {
    expect(isOvertaken(changes, now)).toBe(want);
  });
});
