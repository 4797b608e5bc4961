import {
  isDefault, newestFirst, newTemplate, withDefault, type Version
} from './template';

const version = (name: string, number?: number): Version => ({
  metadata: { name, namespace: 'default' }, spec: { templateId: 'default/t' }, status: number ? { version: number } : undefined
});

describe('a template', () => {
  const template = newTemplate({
    name: 't', namespace: 'default', description: ' of web '
  });

  it('has the version as its default that it was given', () => {
    expect(template.spec).toStrictEqual({ description: 'of web' });
    expect(isDefault(template, version('v1'))).toBe(false);
    expect(isDefault(withDefault(template, version('v1')), version('v1'))).toBe(true);
  });

  it.each([
    ['by number', [version('a', 1), version('b', 10), version('c', 2)], ['b', 'c', 'a']],
    ['and one that has none yet first', [version('a', 1), version('b')], ['b', 'a']],
  ])('shows its versions newest first, %s', (_reason, versions, want) => {
    expect(newestFirst(versions).map((v) => v.metadata.name)).toStrictEqual(want);
  });
});
