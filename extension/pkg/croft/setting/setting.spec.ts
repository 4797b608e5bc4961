import { SETTING, valued } from './setting';

describe('a setting', () => {
  it.each([
    ['what a person has set', { value: '5', default: '4' }, '5'],
    ['the default without it', { value: '', default: '4' }, '4'],
    ['nothing', {}, ''],
  ])('is edited from %s', (_reason, of, want) => {
    expect(SETTING.edit?.values({ metadata: { name: 'x' }, ...of })).toStrictEqual({ value: want });
  });

  it('is written without the blanks around its value', () => {
    expect(valued({ metadata: { name: 'x' }, default: '4' }, ' 6\n')).toStrictEqual({
      metadata: { name: 'x' }, default: '4', value: '6'
    });
  });
});
