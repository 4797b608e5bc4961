import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import * as feed from '../api/feed';
import * as subscription from '../api/subscribe';
import * as sending from '../api/upload';
import * as file from '../display/file';
import { IMAGE } from '../image/image';
import { KEY_PAIR } from '../keypair/keypair';
import { mounted, type Mounted } from '../testing/mount';
import { VOLUME, type Volume } from '../volume/volume';
import List from './List.vue';

jest.mock('@shell/components/AppModal.vue', () => ({
  inheritAttrs: false,
  emits:        ['close'],
  render(this: { $slots: { default(): unknown } }) {
    return this.$slots.default();
  }
}));

const AT = '/k8s/clusters/c-m-1/v1/harvester';
const volume = (name: string, change: Partial<Volume> = {}): Volume => ({
  metadata: {
    name, namespace: 'default', state: { name: 'bound' }
  },
  spec:        { resources: { requests: { storage: '2Gi' } } },
  links:       { remove: 'url', update: 'url' },
  actions:     { clone: 'url' },
  unavailable: { cancelExpand: 'It is not growing.' },
  ...change
});
const site = (connected: boolean) => ({
  id: 'c-m-1', name: 'site-1', metadata: { name: 'c-m-1' }, lastHeard: '2026-03-01T12:00:00Z', conditions: [{ type: 'Connected', status: connected ? 'True' : 'False' }]
});

describe('the list of a kind', () => {
  let list: Mounted;
  let changed: Record<string, (told: boolean) => void>;
  let rows: unknown[];
  let connected: boolean;
  let methods: string[] | Promise<string[]>;
  let answer: (url: string, options?: client.RequestOptions) => unknown;
  const request = jest.spyOn(client, 'request');

  const at = (id: string) => list.page.find(`[data-testid="${ id }"]`);
  const asked = (method: string) => request.mock.calls.filter(([url, options]) => (options?.method ?? 'GET') === method && !url.includes('/schemas/')).map(([url, options]) => [url, options?.body]);

  async function open(kind: unknown, query = '?site=c-m-1') {
    changed = {};
    global.ResizeObserver = jest.fn(() => ({
      observe: jest.fn(), unobserve: jest.fn(), disconnect: jest.fn()
    }));
    jest.spyOn(subscription, 'subscribe').mockImplementation(({ path }, tell) => {
      changed[path] = tell;

      return () => {};
    });
    request.mockReset().mockImplementation(async(url, options) => {
      if (url.startsWith('/v1/croft/sites')) {
        return { data: [site(connected)] };
      }
      if (url.includes('/schemas/')) {
        return { collectionMethods: await methods };
      }

      return options?.method ? answer(url, options) : { data: rows, count: rows.length };
    });
    list = await mounted(List, { kind }, `/croft/c/_/volumes${ query }`);
    await flushPromises();
    await flushPromises();
  }

  async function choose(row: string, entry: string, word = 'volume') {
    // jsdom has no popovers.
    await at(`croft-${ word }-row-${ row }`).find('[role=menu]').trigger('toggle', { newState: 'open' });
    HTMLElement.prototype.hidePopover = jest.fn();
    await at(`croft-action-${ entry }`).trigger('click');
    await flushPromises();
  }

  beforeEach(() => {
    rows = [volume('data')];
    connected = true;
    methods = ['GET', 'POST'];
    answer = () => undefined;
  });
  afterEach(() => list.page.unmount());
  afterAll(() => jest.restoreAllMocks());

  it('begins with all sites where the hub has a list of them, and asks no site', async() => {
    rows = [{
      ...volume('data'), id: 'c-m-1/default/data', site: 'c-m-1', siteName: 'site-1', namespace: 'default', name: 'data', state: 'In-use', size: 2 ** 31
    }];
    jest.spyOn(feed, 'follow').mockReturnValue({ goOn: jest.fn(), stop: jest.fn() });
    await open(VOLUME, '');

    expect(asked('GET').map(([url]) => url).pop()).toContain('/v1/croft/volumes?page=1&pagesize=50&sort=name');
    expect(at('croft-volume-row-data').text()).toContain('site-1');
    expect(at('croft-volume-row-data').find('a').attributes('href')).toContain('site=c-m-1');
  });

  describe('over all sites', () => {
    const row = (change = {}) => ({
      ...volume('data'), links: {}, actions: {}, unavailable: {}, id: 'c-m-1/default/data', site: 'c-m-1', siteName: 'site-1', namespace: 'default', name: 'data', state: 'In-use', size: 2 ** 31, ...change
    });

    beforeEach(() => {
      jest.spyOn(feed, 'follow').mockReturnValue({ goOn: jest.fn(), stop: jest.fn() });
    });

    it('asks the site of an object what can be done with it, and does it there', async() => {
      rows = [row()];
      await open(VOLUME, '');
      request.mockImplementation(async(url, options) => options?.method ? undefined : url.startsWith(AT) ? volume('data') : { data: rows, count: 1 });
      await choose('data', 'cancelExpand');
      expect(at('croft-reason-cancelExpand').text()).toBe('It is not growing.');
      expect(asked('GET').map(([url]) => url)).toContain(`${ AT }/persistentvolumeclaim/default/data`);

      await choose('data', 'clone');
      await at('croft-field-name').setValue('copy');
      await at('croft-dialog').trigger('submit');
      await flushPromises();
      expect(asked('POST')).toStrictEqual([[`${ AT }/persistentvolumeclaim/default/data?action=clone`, { name: 'copy' }]]);
    });

    it.each([
      ['the site does not answer', 503, 'croft.site.noAnswer'],
      ['it is not the caller’s', 403, 'You may not.'],
      ['it is gone', 404, 'You may not.'],
    ])('has every entry with the reason where %s', async(_reason, status, want) => {
      rows = [row()];
      await open(VOLUME, '');
      request.mockImplementation(async(url) => {
        if (url.startsWith(AT)) {
          throw client.errorOf(status, { message: 'You may not.' });
        }

        return { data: rows, count: 1 };
      });
      await choose('data', 'delete');

      expect(at('croft-reason').text()).toContain(want);
      expect(at('croft-action-clone').attributes('aria-describedby')).toBe(at('croft-reason').attributes('id'));
      expect(at('croft-dialog').exists()).toBe(false);
    });

    it('asks a site that is away nothing for a menu', async() => {
      rows = [row({ stale: true, lastHeard: '2026-03-01T12:00:00Z' })];
      await open(VOLUME, '');
      request.mockResolvedValue({
        data:  rows,
        count: 1,
        sites: [{
          id: 'c-m-1', name: 'site-1', connected: false, lastHeard: ''
        }]
      });
      await list.page.find('[data-testid="croft-volume-search"]').setValue('x');
      await flushPromises();
      await at('croft-sort-state').trigger('click');
      await flushPromises();
      await flushPromises();
      await choose('data', 'clone');

      expect(at('croft-reason').text()).toContain('croft.site.neverHeard site-1');
      expect(asked('GET').filter(([url]) => String(url).startsWith(AT))).toStrictEqual([]);
    });

    it('asks for a site before another is made, and goes on with its form', async() => {
      rows = [];
      await open(VOLUME, '');
      await at('croft-volume-create').trigger('click');
      expect(at('croft-volume-form').exists()).toBe(false);
      await at('croft-volume-create-site').setValue('c-m-1');
      await flushPromises();
      await flushPromises();

      expect(list.router.currentRoute.value.query).toStrictEqual({ site: 'c-m-1' });
      expect(at('croft-volume-form').exists()).toBe(true);
    });
  });

  it.each([
    ['may make one', ['GET', 'POST'], false],
    ['may only read', ['GET'], true],
  ])('offers a form to who %s', async(_reason, has, refused) => {
    methods = has;
    await open(VOLUME);
    expect(request.mock.calls.map(([url]) => url)).toContain(`${ AT }/schemas/persistentvolumeclaim`);
    expect(at('croft-volume-create').attributes('disabled') !== undefined).toBe(refused);
    expect(at('croft-volume-create').attributes('title')).toBe(refused ? 'croft.kind.mayNotCreate' : undefined);
  });

  it('is busy until it knows what its reader may do', async() => {
    let tell = (_methods: string[]) => {};

    methods = new Promise((resolve) => {
      tell = resolve;
    });
    await open(VOLUME);
    expect(list.page.find('.croft-page').attributes('aria-busy')).toBe('true');

    tell(['GET']);
    await flushPromises();
    expect(list.page.find('.croft-page').attributes('aria-busy')).toBe('false');
    expect(at('croft-volume-create').attributes('disabled')).toBeDefined();
  });

  it('says so instead of a form at a chosen site where the reader may make none', async() => {
    methods = ['GET'];
    rows = [];
    await open(VOLUME, '');
    await at('croft-volume-create').trigger('click');
    await at('croft-volume-create-site').setValue('c-m-1');
    await flushPromises();
    await flushPromises();

    expect(at('croft-volume-form').exists()).toBe(false);
    expect(at('croft-volume-may-not-create').text()).toBe('croft.kind.mayNotCreate');
  });

  it('begins with a site that is there where it has none', async() => {
    rows = [];
    await open(KEY_PAIR, '');

    expect(list.router.currentRoute.value.query).toStrictEqual({ site: 'c-m-1' });
  });

  it('asks its site for one page, and follows it', async() => {
    await open(VOLUME);

    expect(asked('GET').map(([url]) => url).pop()).toContain(`${ AT }/persistentvolumeclaim?page=1&pagesize=50&sort=metadata.name`);
    expect(at('croft-volume-row-data').text()).toContain('2 GiB');

    rows = [volume('data'), volume('more')];
    changed[`${ AT }/subscribe`](true);
    await flushPromises();
    expect(at('croft-volume-row-more').exists()).toBe(true);
  });

  it('asks a site that is away nothing, and says so', async() => {
    connected = false;
    await open(VOLUME, '?site=c-m-1');

    expect(at('croft-site-notice-c-m-1').text()).toContain('croft.site.away site-1');
    expect(asked('GET').filter(([url]) => String(url).startsWith(AT))).toStrictEqual([]);
    expect(at('croft-volume-create').attributes('disabled')).toBeDefined();
  });

  it('says what cannot be done now, and why', async() => {
    await open(VOLUME);
    await choose('data', 'cancelExpand');

    expect(at('croft-reason-cancelExpand').text()).toBe('It is not growing.');
    expect(asked('POST')).toStrictEqual([]);
  });

  it('asks what an action needs, and does it', async() => {
    await open(VOLUME);
    await choose('data', 'clone');
    await at('croft-field-name').setValue('copy');
    await at('croft-dialog').trigger('submit');
    await flushPromises();

    expect(asked('POST')).toStrictEqual([[`${ AT }/persistentvolumeclaim/default/data?action=clone`, { name: 'copy' }]]);
    expect(at('croft-dialog').exists()).toBe(false);
  });

  it('writes a change back to the object that it was read from', async() => {
    await open(VOLUME);
    await choose('data', 'edit');
    expect((at('croft-field-storage').element as HTMLInputElement).value).toBe('2Gi');
    await at('croft-field-storage').setValue('4Gi');
    await at('croft-dialog').trigger('submit');
    await flushPromises();

    expect(asked('PUT')).toStrictEqual([[`${ AT }/persistentvolumeclaim/default/data`, { metadata: { name: 'data', namespace: 'default' }, spec: { resources: { requests: { storage: '4Gi' } } } }]]);
  });

  it('asks before it deletes, and says why it could not', async() => {
    answer = () => {
      throw client.errorOf(422, { message: 'Machine web uses it.' });
    };
    await open(VOLUME);
    await choose('data', 'delete');
    expect(asked('DELETE')).toStrictEqual([]);
    await at('croft-dialog').trigger('submit');
    await flushPromises();

    expect(asked('DELETE')).toStrictEqual([[`${ AT }/persistentvolumeclaim/default/data`, undefined]]);
    expect(at('croft-dialog-error').text()).toBe('Machine web uses it.');
  });

  it('makes another by its form', async() => {
    await open(VOLUME);
    await at('croft-volume-create').trigger('click');
    await flushPromises();
    await at('croft-field-name').setValue('new');
    await at('croft-volume-form').trigger('submit');
    await flushPromises();

    expect(asked('POST')[0]).toMatchObject([`${ AT }/persistentvolumeclaim`, { kind: 'PersistentVolumeClaim', metadata: { name: 'new', namespace: 'default' } }]);
    expect(at('croft-volume-form').exists()).toBe(false);
  });

  it('sends the file that an action asks for, and stops when the dialog is closed', async() => {
    let signal = new AbortController().signal;

    jest.spyOn(sending, 'upload').mockImplementation((_url, _file, how) => new Promise((_resolve, reject) => {
      signal = how.signal;
      how.progress(2);
      signal.addEventListener('abort', () => reject(signal.reason));
    }));
    rows = [{
      metadata: { name: 'image-x', namespace: 'default' }, spec: { displayName: 'tiny', sourceType: 'upload' }, actions: { upload: 'url' }
    }];
    await open(IMAGE);
    await choose('tiny', 'upload', 'image');
    Object.defineProperty(at('croft-field-file').element, 'files', { value: [new File(['12345'], 'tiny.qcow2')] });
    await at('croft-field-file').trigger('change');
    await at('croft-dialog').trigger('submit');

    expect(jest.mocked(sending.upload).mock.calls[0][0]).toBe(`${ AT }/harvesterhci.io.virtualmachineimage/default/image-x?action=upload&size=5`);
    expect(at('croft-dialog-progress').attributes('value')).toBe('40');

    await at('croft-dialog-cancel').trigger('click');
    expect(signal.aborted).toBe(true);
  });

  it('saves the file that an action on the kind answers with', async() => {
    const save = jest.spyOn(file, 'save').mockImplementation(() => {});

    rows = [];
    answer = () => '-----BEGIN';
    await open(KEY_PAIR);
    expect(at('croft-table-empty').text()).toBe('croft.keypair.none');
    await at('croft-collective-keygen').trigger('click');
    await flushPromises();
    await at('croft-field-name').setValue('mine');
    await at('croft-dialog').trigger('submit');
    await flushPromises();

    expect(asked('POST')).toStrictEqual([[`${ AT }/harvesterhci.io.keypair?action=keygen`, { name: 'mine', namespace: 'default' }]]);
    expect(save).toHaveBeenCalledWith('mine.pem', '-----BEGIN');
  });
});
