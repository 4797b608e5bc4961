import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import type { Config } from './config';
import Machine from './croft.vue';

const IMAGE = {
  metadata: { name: 'debian', namespace: 'default' }, spec: { displayName: 'Debian' }, status: { virtualSize: 2 ** 30, conditions: [{ type: 'Imported', status: 'True' }] }
};
const NODE = { metadata: { name: 'a' }, status: { allocatable: { cpu: '8', memory: '32Gi' }, conditions: [{ type: 'Ready', status: 'True' }] } };
const DOCUMENT = {
  metadata: {
    name: 'ntp', namespace: 'default', labels: { 'harvesterhci.io/cloud-init-template': 'user' }
  },
  data: { cloudInit: '#cloud-config\nntp: {}\n' }
};

/** What the site answers, by what its URL ends with. */
const SITE: Record<string, unknown> = {
  'setting/overcommit-config': { value: '{"cpu":100,"memory":100}' },
  virtualmachineimage:         { data: [IMAGE] },
  namespace:                   { data: [{ metadata: { name: 'default' } }] },
  node:                        { data: [NODE] },
  configmap:                   { data: [DOCUMENT] },
};

describe('the form of a pool’s machines', () => {
  let form: Mounted;
  let value: Config;
  let asked: string[];

  async function open({
    access = { clusterType: 'imported', clusterId: 'c-m-1' } as unknown, config = {} as Config, props = {}, site = SITE
  } = {}) {
    value = config;
    asked = [];
    jest.spyOn(client, 'request').mockImplementation(async(url) => {
      asked.push(url);
      if (url.startsWith('/v3/cloudcredentials/')) {
        return { croftcredentialConfig: access };
      }
      const found = Object.entries(site).find(([end]) => url.split('?')[0].endsWith(`.${ end }`) || url.split('?')[0].endsWith(`/${ end }`));

      return found?.[1] ?? { data: [] };
    });
    form = await mounted(Machine, {
      value, mode: 'create', credentialId: 'cattle-global-data:cc-1', poolId: 'p', machinePools: [{ id: 'p', pool: { quantity: 3 } }], ...props
    });
    await flushPromises();
  }

  const at = (id: string) => form.page.find(`[data-testid="${ id }"]`);
  const valid = () => form.page.emitted('validationChanged')?.at(-1)?.[0];
  const selects = (label: string) => form.page.findAllComponents({ name: 'LabeledSelect' }).filter((select) => select.props('label') === label);
  const fits = () => at('croft-guest-fit').attributes('data-count');

  async function choose(label: string, chosen: unknown, which = 0) {
    selects(label)[which].vm.$emit('update:value', chosen);
    await flushPromises();
  }

  afterEach(() => {
    form.page.unmount();
    jest.restoreAllMocks();
  });

  it('asks the credential’s site, by pages, and is right once there is an image', async() => {
    await open();
    expect(asked.filter((url) => url.startsWith('/k8s/clusters/c-m-1/v1/')).every((url) => url.includes('pagesize=') || url.endsWith('overcommit-config'))).toBe(true);
    expect([valid(), at('croft-refusal-disks').text()]).toStrictEqual([false, 'croft.guest.error.noImage']);

    await choose('croft.form.image', 'default/debian');
    expect(valid()).toBe(true);
    expect(value.diskInfo).toBe('{"disks":[{"imageName":"default/debian","size":40,"bootOrder":1,"bus":"virtio","type":"disk"}]}');
  });

  it('says how many fit, and that the pool wants more', async() => {
    await open();
    expect(fits()).toBe('4');

    await at('croft-guest-memory').setValue('12');
    expect(fits()).toBe('2');
    expect(at('croft-guest-fit').text()).toContain('croft.guest.fit.tooMany 3 2');
    expect(value.memorySize).toBe('12');

    await at('croft-guest-memory').setValue('');
    expect(at('croft-guest-fit').exists()).toBe(false);
    expect(at('croft-guest-memory').attributes('aria-describedby')).toBe(at('croft-refusal-memory').attributes('id'));
  });

  it('tells the autoscaler what a node of the pool has', async() => {
    const pool = { quantity: 0, machineDeploymentAnnotations: { other: 'stays' } };

    await open({ props: { machinePools: [{ id: 'p', pool }] } });
    await at('croft-guest-memory').setValue('12');
    (form.page.vm as unknown as { test(): unknown }).test();
    expect(pool.machineDeploymentAnnotations).toStrictEqual({
      other:                                                                  'stays',
      'cluster.provisioning.cattle.io/autoscaler-resource-cpu':               '2',
      'cluster.provisioning.cattle.io/autoscaler-resource-memory':            '12288Mi',
      'cluster.provisioning.cattle.io/autoscaler-resource-ephemeral-storage': '40Gi',
    });
  });

  it('counts the share of the namespace', async() => {
    await open({ site: { ...SITE, resourcequota: { data: [{ metadata: { name: 'q', namespace: 'default' }, status: { hard: { 'limits.cpu': '3' } } }] } } });

    expect(fits()).toBe('1');
    expect(at('croft-guest-fit').text()).toContain('limits.cpu');
  });

  it('has several disks and cards', async() => {
    await open();
    await at('croft-guest-disk-add').trigger('click');
    await at('croft-guest-size-1').setValue('100');
    await choose('croft.guest.field.bus', 'scsi', 1);
    expect(JSON.parse(String(value.diskInfo)).disks[1]).toStrictEqual({
      size: 100, bus: 'scsi', type: 'disk'
    });

    await at('croft-guest-disk-remove-0').trigger('click');
    expect(JSON.parse(String(value.diskInfo)).disks).toHaveLength(1);
    expect(at('croft-guest-disk-remove-0').exists()).toBe(false);

    await at('croft-guest-card-add').trigger('click');
    expect(at('croft-refusal-card-0').text()).toBe('croft.guest.error.podNetworkTwice');

    await choose('croft.form.network', 'default/vlan-7', 1);
    expect(JSON.parse(String(value.networkInfo)).interfaces[1]).toStrictEqual({
      networkName: 'default/vlan-7', model: 'virtio', type: 'bridge'
    });
    expect(at('croft-refusal-card-1').text()).toContain('croft.guest.error.networkGone');
  });

  it('says what the site cannot give, and lets it be saved', async() => {
    await open();
    await choose('croft.form.image', 'default/debian');
    form.page.findAllComponents({ name: 'Checkbox' }).find((box) => box.props('label') === 'croft.guest.field.cpuPinning')?.vm.$emit('update:value', true);
    await flushPromises();

    expect(at('croft-refusal-pinning').text()).toBe('croft.guest.error.pinning');
    expect([fits(), valid()]).toStrictEqual(['0', true]);
  });

  it('takes secure boot back with EFI', async() => {
    await open({ config: { enableEfi: true, enableSecureBoot: true } });
    form.page.findAllComponents({ name: 'Checkbox' }).find((box) => box.props('label') === 'croft.guest.field.enableEfi')?.vm.$emit('update:value', false);

    expect(value).toMatchObject({ enableEfi: false, enableSecureBoot: false });
  });

  it('begins user data with a document of the site', async() => {
    await open();
    await choose('croft.guest.field.userDocument', 'default/ntp');

    expect(Buffer.from(String(value.userData), 'base64').toString()).toBe('#cloud-config\nntp: {}\n');
  });

  it('has its fields typed for a site that the hub does not reach', async() => {
    await open({ access: { clusterType: 'external' } });
    expect(at('croft-guest-trouble').text()).toBe('croft.guest.external');
    expect(asked.some((url) => url.startsWith('/k8s/'))).toBe(false);

    await at('croft-guest-disk-0').setValue('default/debian');
    expect(valid()).toBe(true);
  });

  it('says why the site is not known', async() => {
    await open();
    form.page.unmount();
    jest.spyOn(client, 'request').mockRejectedValue(new client.ApiError(403, 'Forbidden', 'You may not read that credential.'));
    form = await mounted(Machine, { value: {}, credentialId: 'x' });
    await flushPromises();

    expect(at('croft-guest-trouble').text()).toBe('You may not read that credential.');
  });

  it('keeps the cluster’s name with the machine', async() => {
    await open({ props: { cluster: { metadata: { name: 'shop' } } } });
    expect(value).toMatchObject({ clusterName: 'shop', cpuCount: '2' });

    await form.page.setProps({ cluster: { metadata: { name: 'shop-2' } } });
    expect(value.clusterName).toBe('shop-2');
  });

  it('leaves a configuration that is looked at as it is', async() => {
    const config = { cpuCount: '8' };

    await open({ config, props: { mode: 'view' } });

    expect(value).toStrictEqual({ cpuCount: '8' });
    expect(at('croft-guest-disk-add').exists()).toBe(false);
  });
});
