import { age } from './age';
import { numberOf, shown } from './number';
import { bytes, parse } from './quantity';
import { suffix } from './random';
import { say } from './sentence';
import { colour } from './state';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('age', () => {
  it.each([
    ['seconds', '2026-03-01T11:59:48Z', '12s'],
    ['minutes alone', '2026-03-01T11:54:30Z', '5m'],
    ['few hours with their minutes', '2026-03-01T08:40:00Z', '3h20m'],
    ['many hours alone', '2026-02-28T22:30:00Z', '13h'],
    ['few days with their hours', '2026-02-27T08:00:00Z', '2d4h'],
    ['many days alone', '2026-01-19T12:00:00Z', '41d'],
    ['a clock ahead of ours', '2026-03-01T12:00:05Z', '0s'],
    ['no time', undefined, ''],
    ['Go writes no time as the year 1', '0001-01-01T00:00:00Z', ''],
  ])('shows %s', (_reason, time, want) => {
    expect(age(time, NOW)).toBe(want);
  });
});

describe('bytes', () => {
  it.each([
    [0, '0 B'], [undefined, '0 B'], [0.5, '0.5 B'], [512, '512 B'], [2 * 2 ** 30, '2 GiB'], [1.5 * 2 ** 30, '1.5 GiB'], [30e6, '28.6 MiB'], [150.4 * 2 ** 20, '150 MiB'],
  ])('shows %p as %p', (n, want) => {
    expect(bytes(n)).toBe(want);
  });
});

describe('parse', () => {
  it.each([
    ['2Gi', 2 * 2 ** 30], ['1536Mi', 1.5 * 2 ** 30], ['500m', 0.5], ['2', 2], ['1G', 1e9], ['', NaN], ['two', NaN], [undefined, NaN],
  ])('reads %p as %p', (quantity, want) => {
    expect(parse(quantity)).toBe(want);
  });
});

describe('a field of a number', () => {
  it.each([
    ['holds what was typed', '1.5', 1.5, 1.5],
    ['holds what was put into it', 2, 2, 2],
    ['stays empty when it was emptied', '', NaN, ''],
    ['takes 0 for what it is', '0', 0, 0],
  ])('%s', (_reason, text, number, again) => {
    expect(numberOf(text)).toBe(number);
    expect(shown(number)).toBe(again);
  });
});

describe('colour', () => {
  it.each([
    ['a machine that runs', 'Running', false, 'bg-success'],
    ['what cannot be placed', 'ErrorUnschedulable', false, 'bg-error'],
    ['what is under way', 'Migrating', false, 'bg-info'],
    ['what rests', 'Stopped', false, 'bg-darker'],
    ['what was so once', 'Running', true, 'bg-darker'],
  ])('of %s', (_reason, state, stale, want) => {
    expect(colour(state, stale)).toBe(want);
  });
});

describe('say', () => {
  const t = (key: string, args?: Record<string, unknown>) => `${ key } ${ JSON.stringify(args ?? {}) }`;

  it('says a server’s words as they are and ours by their key', () => {
    expect(say(t, { text: 'The machine is not running.' })).toBe('The machine is not running.');
    expect(say(t, { key: 'croft.site.away', args: { site: 'site-1' } })).toBe('croft.site.away {"site":"site-1"}');
    expect(say(t, { key: 'croft.vm.listFailed', args: { message: { text: 'no tunnel' } } })).toBe('croft.vm.listFailed {"message":"no tunnel"}');
  });
});

describe('suffix', () => {
  it('fits in the name of an object', () => {
    Object.assign(globalThis, { crypto: { getRandomValues: (a: Uint8Array) => a.map((_, i) => i * 50) } });

    expect(suffix()).toMatch(/^[a-z0-9]{5}$/);
  });
});
