import { virtualMachineVerbs } from '../api/actions.generated';
import type { Resource } from '../api/steve';
import { closedMenu, GRAVE, menu, unlessHasScreen } from './actions';

const machine = (extra: Partial<Resource>): Resource => ({ metadata: { name: 'web' }, ...extra });

describe('menu', () => {
  it.each([
    ['an action that the site offers', machine({ actions: { stop: 'url' } }), 'Running', 'stop', true, undefined],
    ['an action that it does not, with its sentence', machine({ unavailable: { start: 'The machine is already running.' } }), 'Running', 'start', false, { text: 'The machine is already running.' }],
    ['a plain Harvester gives no sentence', machine({ actions: {} }), 'Running', 'start', false, { key: 'croft.action.noBackend' }],
    ['a console of what runs', machine({}), 'Running', 'console', true, undefined],
    ['no console of what does not', machine({}), 'Stopped', 'vnc', false, { key: 'croft.action.notRunning' }],
    ['editing with the right to', machine({ links: { update: 'url' } }), 'Running', 'edit', true, undefined],
    ['editing without', machine({ links: {} }), 'Running', 'edit', false, { key: 'croft.action.noEdit' }],
    ['deleting with the right to', machine({ links: { remove: 'url' } }), 'Stopped', 'delete', true, undefined],
    ['deleting without', machine({ links: {} }), 'Stopped', 'delete', false, { key: 'croft.action.noDelete' }],
  ])('%s', (_reason, vm, state, entry, enabled, reason) => {
    const got = menu(vm, state).find((i) => i.entry === entry);

    expect([got?.enabled, got?.reason]).toStrictEqual([enabled, reason]);
  });

  it.each([
    ['no console without the right to it', 'Running', 'console', { key: 'croft.action.noConsole' }],
    ['even if there is none to open', 'Stopped', 'console', { key: 'croft.action.noConsole' }],
    ['the other by its own right', 'Running', 'vnc', undefined],
  ])('%s', (_reason, state, entry, reason) => {
    expect(menu(machine({}), state, ['console']).find((i) => i.entry === entry)?.reason).toStrictEqual(reason);
  });

  it('lists every entry always, in one order', () => {
    const entries = menu(machine({}), 'Stopped').map((i) => i.entry);

    expect(entries).toStrictEqual(['console', 'vnc', ...virtualMachineVerbs, 'edit', 'delete']);
    expect(closedMenu({ text: 'x' }).map((i) => i.entry)).toStrictEqual(entries);
  });

  it('asks before what cannot be had back', () => {
    expect(GRAVE).toStrictEqual(['forceStop', 'delete']);
  });

  it('disables everything with one reason where nothing can be asked', () => {
    const reason = { text: 'The site is away.' };

    expect(closedMenu(reason).every((i) => !i.enabled && i.reason === reason)).toBe(true);
  });

  it.each([['Running', true], ['Paused', true], ['Migrating', true], ['Stopped', false], ['Provisioning', false], ['', false]])('state %p has a screen: %p', (state, want) => {
    expect(!unlessHasScreen(state)).toBe(want);
  });
});
