import { grouped } from './group';
import { useSelection } from './useSelection';

describe('rows that were chosen', () => {
  it('are kept from page to page', () => {
    const chosen = useSelection();

    chosen.toggleAll(['a', 'b'], true);
    chosen.toggleAll(['c', 'd'], true);
    chosen.toggle('b', false);
    expect([chosen.ids.value, chosen.any.value, chosen.has('a'), chosen.has('b')]).toStrictEqual([['a', 'c', 'd'], true, true, false]);
  });

  it('are all, on whatever page, until one is taken out', () => {
    const chosen = useSelection();

    chosen.toggle('a', true);
    chosen.all();
    expect([chosen.has('z'), chosen.ids.value, chosen.any.value]).toStrictEqual([true, [], true]);

    chosen.toggleAll(['b', 'c'], true);
    expect([chosen.everything.value, chosen.ids.value]).toStrictEqual([false, ['b', 'c']]);
    chosen.clear();
    expect(chosen.any.value).toBe(false);
  });
});

describe('rows that stand together', () => {
  it('have one heading for those of equal value', () => {
    expect(grouped(['a1', 'a2', 'b1'], (row) => row[0])).toStrictEqual([{ value: 'a', rows: ['a1', 'a2'] }, { value: 'b', rows: ['b1'] }]);
    expect(grouped([], () => '')).toStrictEqual([]);
  });
});
