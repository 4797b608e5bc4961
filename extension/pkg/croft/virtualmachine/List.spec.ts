import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import type { MachineList, MachineRow, SiteFreshness } from '../api/fleet';
import * as feed from '../api/feed';
import { mounted, type Mounted } from '../testing/mount';
import List from './List.vue';

const HEARD = '2026-03-01T12:00:00Z';

function row(name: string, change: Partial<MachineRow> = {}): MachineRow {
  return {
    id: `c-m-1/default/${ name }`, site: 'c-m-1', siteName: 'site-1', namespace: 'default', name, uid: name, state: 'Running', reason: '', node: 'node-1', cpu: 1, memory: 2 ** 30, addresses: [], created: HEARD, stale: false, lastHeard: HEARD, metadata: { name }, ...change
  };
}

const fresh: SiteFreshness = {
  id: 'c-m-1', name: 'site-1', connected: true, synced: true, complete: true, lastHeard: HEARD, message: ''
};

describe('the list of machines', () => {
  let list: Mounted;
  let asked: URLSearchParams[];
  let hearing: feed.Hearing<unknown>;
  let followed: feed.Question[];
  let machines: (query: URLSearchParams) => Partial<MachineList>;

  const at = (id: string) => list.page.find(`[data-testid="${ id }"]`);
  const text = (id: string) => at(id).text();

  async function open(query = '') {
    asked = [];
    global.ResizeObserver = jest.fn(() => ({
      observe: jest.fn(), unobserve: jest.fn(), disconnect: jest.fn()
    }));
    followed = [];
    jest.spyOn(feed, 'follow').mockImplementation((_path, question, tell) => {
      followed.push(question);
      hearing = tell as feed.Hearing<unknown>;

      return { goOn: jest.fn(), stop: jest.fn() };
    });
    jest.spyOn(client, 'request').mockImplementation(async(url) => {
      const { pathname, searchParams } = new URL(url, 'https://hub');

      if (pathname !== '/v1/croft/virtualmachines') {
        return { data: [] };
      }
      asked.push(searchParams);

      return { sites: [fresh], ...machines(searchParams) };
    });
    list = await mounted(List, {}, `/croft/c/_/virtualmachines${ query }`);
    await flushPromises();
  }

  afterEach(() => {
    list.page.unmount();
    jest.restoreAllMocks();
  });

  it('shows a row for each machine', async() => {
    machines = () => ({ data: [row('web'), row('db')], count: 2 });
    await open();

    expect(list.page.findAll('tbody tr').map((tr) => tr.attributes('data-testid'))).toStrictEqual(['croft-vm-row-web', 'croft-vm-row-db']);
    expect(text('croft-page-range')).toBe('croft.table.range 1 2 2');
  });

  it('shows a change of a row at once, without asking again', async() => {
    machines = () => ({
      data: [row('web'), row('db')], count: 2, revision: '7'
    });
    await open('?state=Running');
    expect(followed).toStrictEqual([{ resourceType: 'virtualmachine', filter: ['state=Running'] }]);

    hearing.changed([{
      name: 'change', id: 'c-m-1/default/web', revision: 8, row: row('web', { state: 'Paused' })
    }]);
    await flushPromises();
    expect(text('croft-vm-row-web')).toContain('Paused');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['there are none', '', 'croft.vm.none'],
    ['none matches', '?q=web', 'croft.vm.noMatch'],
  ])('says that %s', async(_reason, query, want) => {
    machines = () => ({ data: [], count: 0 });
    await open(query);

    expect(text('croft-table-empty')).toBe(want);
  });

  it('says why there is no list, and not that there are no machines', async() => {
    machines = () => {
      throw client.errorOf(500, '<html>');
    };
    await open();

    expect(text('croft-error')).toBe('croft.vm.listFailed croft.error.status 500');
    expect(text('croft-table-empty')).toBe('');
  });

  it('goes to the last page when the one that it showed is gone', async() => {
    let count = 51;

    machines = (query) => ({ data: query.get('page') === '1' ? [row('first')] : [row('last')].slice(0, count - 50), count });
    await open('?page=2');
    expect(text('croft-page-range')).toBe('croft.table.range 51 51 51');

    count = 50;
    jest.useFakeTimers();
    hearing.changed([{
      name: 'remove', id: 'c-m-1/default/last', revision: 9
    }]);
    jest.advanceTimersByTime(2_000);
    jest.useRealTimers();
    await flushPromises();
    expect(list.page.find('[data-testid="croft-table-empty"]').exists()).toBe(false);
    expect(at('croft-vm-row-first').exists()).toBe(true);
    expect(list.router.currentRoute.value.query).toStrictEqual({});
  });

  it('shows the rows of a site that is away with their age, and no entry of their menus can be chosen', async() => {
    machines = () => ({
      data: [row('web', { stale: true })], count: 1, sites: [{ ...fresh, connected: false }]
    });
    await open();

    expect(text('croft-stale')).toContain('croft.vm.heard');
    expect(text('croft-site-notice-c-m-1')).toContain('croft.site.stale site-1');
    expect(at('croft-vm-row-web').classes()).toContain('stale');
  });

  it('does not come back for a search that was typed before it was left', async() => {
    machines = () => ({ data: [], count: 0 });
    await open();

    const replace = jest.spyOn(list.router, 'replace');

    jest.useFakeTimers();
    await at('croft-vm-search').setValue('web');
    list.page.unmount();
    jest.advanceTimersByTime(1_000);
    jest.useRealTimers();

    expect(replace).not.toHaveBeenCalled();
  });
});
