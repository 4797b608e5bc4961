import { siteOptions } from './option';

const t = (key: string, args?: Record<string, unknown>) => args ? `${ key } ${ Object.values(args) }` : key;

describe('options', () => {
  it.each([
    ['a site that answers', 'True', {
      value: 'c-m-1', label: 'site-1', disabled: false
    }],
    ['a site that is away', 'False', {
      value: 'c-m-1', label: 'croft.form.siteAway site-1', disabled: true
    }],
  ])('of %s', (_reason, status, want) => {
    expect(siteOptions([{
      id: 'c-m-1', name: 'site-1', metadata: { name: 'c-m-1' }, conditions: [{ type: 'Connected', status }]
    }], t)).toStrictEqual([want]);
  });
});
