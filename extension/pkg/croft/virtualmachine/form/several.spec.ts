import { namesOf, unlessAll } from './several';

describe('several machines', () => {
  it.each([
    ['one has the name itself', 'web', 1, ['web']],
    ['two have numbers that sort', 'web', 2, ['web-01', 'web-02']],
    ['none are none', 'web', 0, []],
  ])('%s', (_reason, name, count, want) => {
    expect(namesOf(name, count)).toStrictEqual(want);
  });

  it('have longer numbers where there are more', () => {
    expect(namesOf('web', 100)[0]).toBe('web-001');
  });

  it('say how far they are', () => {
    expect(unlessAll(['a-01', 'a-02', 'a-03'], ['a-01'])).toStrictEqual({
      key:  'croft.form.several',
      args: {
        made: 1, count: 3, next: 'a-02'
      }
    });
  });
});
