import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import Create from './Create.vue';
import { EMPTY } from './form/form';
import { machineOf } from './form/object';

type Answer = (url: string, options?: client.RequestOptions) => unknown;

const SITE = {
  id: 'c-m-1', name: 'site-1', conditions: [{ type: 'Connected', status: 'True' }]
};
const IMAGE = {
  metadata: { name: 'tiny', namespace: 'default' }, spec: { displayName: 'tiny' }, status: { virtualSize: 2 ** 30, conditions: [{ type: 'Imported', status: 'True' }] }
};

const VERSION = {
  metadata: { namespace: 'default', name: 'web-1' },
  spec:     {
    templateId: 'default/web',
    vm:         {
      metadata: {},
      spec:     machineOf({
        ...EMPTY, cores: 6, disks: []
      }, {
        images: [], pairs: [], random: 'x'
      }).spec
    }
  },
  status: { version: 1 },
};

describe('the form of a new machine', () => {
  let form: Mounted;
  let sent: unknown[];
  let secrets: unknown[];

  /** Opens the form at a hub with one site; `save` answers what is sent. */
  async function open(save: Answer = (_url, options) => options?.body, images: Answer = () => ({ data: [IMAGE] })) {
    sent = [];
    secrets = [];
    jest.spyOn(client, 'request').mockImplementation(async(url, options) => {
      if (options?.method === 'POST') {
        sent.push(options.body);

        return save(url, options);
      }
      if (options?.method === 'PATCH') {
        secrets.push(options.body);

        return options.body;
      }
      if (url.startsWith('/v1/croft/sites')) {
        return { data: [SITE] };
      }

      if (/\/namespace\b/.test(url)) {
        return { data: [{ metadata: { name: 'default' } }] };
      }

      if (url.includes('virtualmachinetemplateversion')) {
        return { data: [VERSION] };
      }

      return url.includes('virtualmachineimage?') ? images(url) : { data: [] };
    });
    form = await mounted(Create);
    await flushPromises();
  }

  const at = (id: string) => form.page.find(`[data-testid="${ id }"]`);
  const refusals = () => form.page.findAll('.croft-refusal').map((p) => p.attributes('data-testid'));
  const select = (label: string) => form.page.findAllComponents({ name: 'LabeledSelect' }).find((one) => one.props('label') === label && !one.props('disabled'));
  const image = () => select('croft.form.image');

  /** Fills in what the form does not know by itself. */
  async function fill() {
    await at('croft-form-name').setValue('web');
    image()?.vm.$emit('update:value', 'default/tiny');
    await flushPromises();
  }

  async function submit() {
    await at('croft-form').trigger('submit');
    await flushPromises();
  }

  afterEach(() => {
    form.page.unmount();
    jest.restoreAllMocks();
  });

  it('says at each field what is missing, and sends nothing', async() => {
    await open();
    await submit();

    expect(refusals().sort()).toStrictEqual(['croft-refusal-image-0', 'croft-refusal-name']);
    expect(sent).toStrictEqual([]);
  });

  it.each([
    ['memory', 'spec.template.spec.domain.resources.limits.memory', 'memory'],
    ['cores', 'spec.template.spec.domain.cpu.cores', 'cpu'],
    ['the disk', 'metadata.annotations[harvesterhci.io/volumeClaimTemplates]', 'size-0'],
    ['an address', 'spec.template.spec.domain.devices.interfaces[0].macAddress', 'mac-0'],
    ['the name', 'metadata.name', 'name'],
    ['cloud-init', 'spec.template.spec.volumes[1].cloudInitNoCloud', 'userdata'],
  ])('shows a server’s refusal of %s beside its input', async(_reason, fieldName, word) => {
    await open(() => {
      throw client.errorOf(422, {
        type: 'error', code: 'Invalid', message: 'That is too little.', fieldName
      });
    });
    await fill();
    await submit();

    expect(sent).toHaveLength(1);
    expect(refusals()).toStrictEqual([`croft-refusal-${ word }`]);

    const refusal = at(`croft-refusal-${ word }`);
    const input = at(`croft-form-${ word }`);

    expect([refusal.text(), refusal.attributes('role')]).toStrictEqual(['That is too little.', 'alert']);
    expect(input.attributes('aria-describedby')).toBe(refusal.attributes('id'));
    expect(refusal.element.parentElement?.contains(input.element)).toBe(true);
  });

  it('shows above the form what belongs to no field, and takes it away with the next change', async() => {
    await open(() => {
      throw new client.ApiError(409, 'Conflict', 'The quota is used up.');
    });
    await fill();
    await submit();
    expect(at('croft-form-error').text()).toBe('The quota is used up.');

    await at('croft-form-name').setValue('web-2');
    expect(at('croft-form-error').exists()).toBe(false);
  });

  it('goes to the new machine', async() => {
    await open();
    await fill();
    await submit();

    expect(form.router.currentRoute.value.params).toMatchObject({
      site: 'c-m-1', namespace: 'default', name: 'web'
    });
  });

  it('keeps an emptied number empty', async() => {
    await open();
    await at('croft-form-cpu').setValue('');

    expect((at('croft-form-cpu').element as HTMLInputElement).value).toBe('');
    expect(refusals()).toStrictEqual(['croft-refusal-cpu']);
  });

  it('keeps what it has refused when the site’s offer arrives late', async() => {
    let arrive: (images: unknown) => void = () => {};

    await open(undefined, () => new Promise((resolve) => {
      arrive = resolve;
    }));
    await at('croft-form-name').setValue('Web_1');
    expect(refusals()).toStrictEqual(['croft-refusal-name']);

    arrive({ data: [IMAGE] });
    await flushPromises();
    expect(refusals()).toStrictEqual(['croft-refusal-name']);
  });

  it('says why a site has no images to choose from', async() => {
    await open(undefined, () => {
      throw new client.ApiError(403, 'Forbidden', 'You may not list images.');
    });

    expect(at('croft-refusal-image-0').text()).toBe('You may not list images.');
  });

  it('makes several, stops at the one that is refused, and goes on from there', async() => {
    let full = true;

    await open((_url, options) => {
      if (full && (options?.body as { metadata: { name: string } }).metadata.name === 'web-02') {
        throw new client.ApiError(409, 'Conflict', 'The quota is used up.');
      }

      return options?.body;
    });
    await fill();
    await at('croft-form-count').setValue('3');
    await submit();
    expect(at('croft-form-error').text()).toBe('The quota is used up.');

    full = false;
    await submit();
    expect(sent.map((body) => (body as { metadata: { name: string } }).metadata.name)).toStrictEqual(['web-01', 'web-02', 'web-02', 'web-03']);
    expect(form.router.currentRoute.value.query).toMatchObject({ q: 'web', site: 'c-m-1' });
  });

  it('is filled by a version of a template, and keeps its name', async() => {
    await open();
    await fill();
    select('croft.form.template')?.vm.$emit('update:value', 'default/web-1');
    await flushPromises();
    expect((at('croft-form-cpu').element as HTMLInputElement).value).toBe('6');

    await submit();
    expect(sent[0]).toMatchObject({ metadata: { namespace: 'default', name: 'web' }, spec: { template: { metadata: { labels: { 'harvesterhci.io/vmName': 'web' } }, spec: { hostname: 'web', domain: { cpu: { cores: 6 } } } } } });
  });

  it('makes the Secret of an access, which is the machine’s once that is there', async() => {
    await open((_url, options) => ({
      ...options?.body as object,
      metadata: {
        name: 'web', namespace: 'default', uid: 'u'
      }
    }));
    await fill();
    await at('croft-form-credential-add').trigger('click');
    await at('croft-form-users-0').setValue('root');
    await at('croft-form-keys-0').setValue('ssh-rsa AAAA me');
    await submit();

    const secretName = (secrets[0] as { metadata: { name: string } }).metadata.name;

    expect(sent[0]).toMatchObject({ spec: { template: { spec: { accessCredentials: [{ sshPublicKey: { source: { secret: { secretName } } } }] } } } });
    expect(secrets).toMatchObject([{ stringData: { key0: 'ssh-rsa AAAA me' } }, { metadata: { name: secretName, ownerReferences: [{ uid: 'u' }] } }]);
  });

  it('takes over what is written as YAML, and says what is none', async() => {
    await open();
    await fill();
    await at('croft-form-beside').trigger('click');

    const yaml = () => at('croft-form-yaml').element as HTMLTextAreaElement;

    await at('croft-form-yaml').setValue(yaml().value.replace('cores: 1', 'cores: 6').replace('terminationGracePeriodSeconds: 120', 'terminationGracePeriodSeconds: 7'));
    await at('croft-form-yaml').trigger('blur');
    expect((at('croft-form-cpu').element as HTMLInputElement).value).toBe('6');

    await at('croft-form-name').setValue('other');
    expect(yaml().value).toContain('claimName: other-disk-0-');

    await at('croft-form-yaml').setValue('a: [');
    await at('croft-form-yaml').trigger('blur');
    expect(refusals()).toStrictEqual(['croft-refusal-yaml']);

    await submit();
    expect(sent[0]).toMatchObject({ metadata: { name: 'other' }, spec: { template: { spec: { terminationGracePeriodSeconds: 7, domain: { cpu: { cores: 6 } } } } } });
  });
});
