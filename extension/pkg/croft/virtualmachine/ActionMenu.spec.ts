import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import ActionMenu from './ActionMenu.vue';

const MACHINE = {
  metadata: { name: 'web', state: { name: 'running' } }, actions: { stop: 'url' }, unavailable: { start: 'The machine is already running.' }, links: {}
};

describe('the menu of a machine', () => {
  let menu: Mounted;
  let asked: string[];

  const at = (id: string) => menu.page.find(`[data-testid="${ id }"]`);
  /** One that many entries share is told once, and they refer to it. */
  const reason = (entry: string) => {
    const common = at(`croft-action-${ entry }`).attributes('aria-describedby');
    const own = common ? menu.page.find(`[id="${ common }"]`) : at(`croft-reason-${ entry }`);

    return own.exists() ? own.text() : '';
  };
  const chosen = (entry: string) => at(`croft-action-${ entry }`).attributes('aria-disabled') === 'false';

  /** Opens the menu of a machine; `answer` is what the site says, by URL. */
  async function open(answer: (url: string, kind?: string) => unknown, props: Record<string, unknown> = {}) {
    asked = [];
    global.ResizeObserver = jest.fn(() => ({
      observe: jest.fn(), unobserve: jest.fn(), disconnect: jest.fn()
    }));
    jest.spyOn(client, 'request').mockImplementation(async(url, options) => {
      asked.push(url);

      return answer(url, (options?.body as { spec?: { resourceAttributes: { subresource: string } } })?.spec?.resourceAttributes.subresource);
    });
    menu = await mounted(ActionMenu, {
      site: 'c-m-1', namespace: 'default', name: 'web', state: 'Running', ...props
    });
    // jsdom has no popovers.
    await menu.page.find('[role=menu]').trigger('toggle', { newState: 'open' });
    await flushPromises();
  }

  const may = (...consoles: string[]) => (_url: string, kind?: string) => kind ? { status: { allowed: consoles.includes(kind) } } : MACHINE;

  afterEach(() => {
    menu.page.unmount();
    jest.restoreAllMocks();
  });

  it('offers what the site offers, and says why not the rest', async() => {
    await open(may('console', 'vnc'));

    expect([chosen('stop'), chosen('console'), chosen('start'), reason('start')]).toStrictEqual([true, true, false, 'The machine is already running.']);
  });

  it('has no console for who may not open it', async() => {
    await open(may('vnc'));

    expect([chosen('console'), reason('console'), chosen('vnc')]).toStrictEqual([false, 'croft.action.noConsole', true]);
  });

  it('asks nothing of a site that is away, and gives every entry the sentence', async() => {
    await open(may(), { away: { key: 'croft.site.away', args: { site: 'site-1', age: '5m' } } });

    const entries = menu.page.findAll('[role=menuitem]');

    expect(asked).toStrictEqual([]);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.every((entry) => entry.attributes('aria-disabled') === 'true')).toBe(true);
    expect(reason('stop')).toBe('croft.site.away site-1 5m');
    expect(menu.page.text().split('croft.site.away').length - 1).toBe(1);
  });

  it('asks a site that comes back while the menu is open', async() => {
    await open(may(), { away: { key: 'croft.site.away', args: { site: 'site-1', age: '5m' } } });
    await menu.page.setProps({ away: undefined });
    await flushPromises();

    expect([chosen('stop'), chosen('start'), reason('start')]).toStrictEqual([true, false, 'The machine is already running.']);
  });

  it('says that a site does not answer', async() => {
    await open(() => {
      throw new client.ApiError(503, '', 'no tunnel');
    });

    expect(reason('stop')).toBe('croft.site.noAnswer no tunnel');
  });
});
