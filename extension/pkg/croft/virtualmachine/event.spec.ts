import type { Event } from '../api/kubevirt';
import { byReason, byTime, timeOf } from './event';

const event = (name: string, times: Partial<Event>, creationTimestamp?: string): Event => ({ metadata: { name, creationTimestamp }, ...times });

describe('events', () => {
  it.each([
    ['an event that came again has its last time', event('a', { lastTimestamp: '2026-03-01T12:00:00Z', eventTime: '2026-03-01T11:00:00Z' }), '2026-03-01T12:00:00Z'],
    ['one of the newer kind has its own', event('a', { lastTimestamp: null, eventTime: '2026-03-01T11:00:00Z' }), '2026-03-01T11:00:00Z'],
    ['one with neither has that of its object', event('a', {}, '2026-03-01T10:00:00Z'), '2026-03-01T10:00:00Z'],
    ['one without any time has none', event('a', {}), ''],
  ])('%s', (_reason, e, want) => {
    expect(timeOf(e)).toBe(want);
  });

  it('come with the latest first', () => {
    const events = [event('first', { eventTime: '2026-03-01T10:00:00Z' }), event('last', { lastTimestamp: '2026-03-01T12:00:00Z' }), event('never', {})];

    expect(byTime(events).map((e) => e.metadata.name)).toStrictEqual(['last', 'first', 'never']);
    expect(events[0].metadata.name).toBe('first');
  });

  it('of one reason are one entry, at the place of the latest, and count as often as they happened', () => {
    const at = (minute: number, reason: string, more: Partial<Event> = {}) => event(`${ reason }-${ minute }`, {
      reason, eventTime: `2026-03-01T10:0${ minute }:00Z`, ...more
    });
    const told = byReason([at(1, 'Started'), at(2, 'Migrated'), at(3, 'Synced'), at(4, 'Migrated', { count: 3 }), at(0, 'Migrated')]);

    expect(told.map(({ latest, earlier, times }) => [latest.metadata.name, earlier.map((e) => e.metadata.name), times])).toStrictEqual([
      ['Migrated-4', ['Migrated-2', 'Migrated-0'], 5],
      ['Synced-3', [], 1],
      ['Started-1', [], 1],
    ]);
  });
});
