import type { Site, SiteFreshness } from '../api/fleet';
import {
  isConnected, nameOf, notices, stateOf, unlessConnected
} from './freshness';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const site = (change: Partial<SiteFreshness> = {}): SiteFreshness => ({
  id: 'c-m-1', name: 'site-1', connected: true, synced: true, complete: true, lastHeard: '2026-03-01T11:55:00Z', message: '', ...change
});

describe('notices', () => {
  it.each([
    ['a site that is all here says nothing', site(), undefined],
    ['a site away says since when', site({ connected: false }), { key: 'croft.site.stale', args: { site: 'site-1', age: '5m' } }],
    ['a site never heard has no since', site({ connected: false, lastHeard: '' }), { key: 'croft.site.neverHeard', args: { site: 'site-1' } }],
    ['a site still being read', site({
      synced: false, complete: false, message: 'The site is being listed.'
    }), { key: 'croft.site.syncing', args: { site: 'site-1', message: 'The site is being listed.' } }],
    ['a site that is all here, but whose changes do not arrive', site({ synced: false, message: 'virtualmachines: the watch ended' }), { key: 'croft.site.interrupted', args: { site: 'site-1', message: 'virtualmachines: the watch ended' } }],
    ['a site with a part left out, in its own words', site({ complete: false, message: 'more than 50000 machines' }), { text: 'site-1: more than 50000 machines' }],
    ['a site with a part left out, without words', site({ complete: false }), { key: 'croft.site.incomplete', args: { site: 'site-1' } }],
  ])('%s', (_reason, s, want) => {
    expect(notices([s], NOW)).toStrictEqual(want ? [{ id: 'c-m-1', sentence: want }] : []);
  });

  it('has nothing to say of no sites', () => {
    expect(notices(undefined, NOW)).toStrictEqual([]);
    expect(unlessConnected(undefined, NOW)).toBeUndefined();
    expect(unlessConnected(site(), NOW)).toBeUndefined();
  });

  it('has a short word for a button', () => {
    expect(unlessConnected(site({ connected: false }), NOW)).toStrictEqual({ key: 'croft.site.away', args: { site: 'site-1', age: '5m' } });
  });
});

describe('a site’s state', () => {
  it.each([
    ['connected', [{ type: 'Connected', status: 'True' }, { type: 'Synced', status: 'True' }], 'Connected', '', true],
    ['away, with the reason', [{
      type: 'Connected', status: 'False', message: 'the tunnel is closed'
    }], 'Away', 'the tunnel is closed', false],
    ['being read', [{ type: 'Connected', status: 'True' }, { type: 'Synced', status: 'False' }], 'Syncing', '', true],
    ['not known yet', undefined, 'Unknown', '', true],
  ])('%s', (_reason, conditions, name, message, connected) => {
    const s: Site = {
      id: 'c-m-1', name: 'site-1', metadata: { name: 'c-m-1' }, conditions
    };

    expect(stateOf(s)).toStrictEqual({ name, message });
    expect(isConnected(s)).toBe(connected);
  });

  it.each([
    [{
      id: 'c-m-1', name: 'n', displayName: 'd'
    }, 'd'], [{ id: 'c-m-1', name: 'n' }, 'n'], [{ id: 'c-m-1', name: '' }, 'c-m-1'],
  ])('is called by %p', (s, want) => {
    expect(nameOf(s)).toBe(want);
  });
});
