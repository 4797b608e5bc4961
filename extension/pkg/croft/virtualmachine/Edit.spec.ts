import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import Edit from './Edit.vue';
import { machineOf } from './form/object';
import { EMPTY } from './form/form';

const PATH = '/croft/c/_/virtualmachines/c-m-1/default/web/edit';
const made = (cores: number, note = 'a') => {
  const machine = machineOf({
    ...EMPTY, site: 'c-m-1', name: 'web', cores, disks: []
  }, {
    images: [], pairs: [], random: 'x'
  });

  return {
    ...machine,
    metadata: {
      ...machine.metadata, annotations: { note }, state: { name: 'running' }
    }
  };
};

describe('the form of a machine that is there', () => {
  let form: Mounted;
  let sent: client.RequestOptions[];

  /** Opens the form of a machine; the site has `answers` one after the other, and `save` answers what is sent. */
  async function open(answers: unknown[], save: () => unknown = () => undefined) {
    sent = [];
    jest.spyOn(client, 'request').mockImplementation(async(url, options) => {
      if (options?.method === 'PATCH') {
        sent.push(options);

        return save();
      }

      return url.endsWith('/default/web') ? answers.length > 1 ? answers.shift() : answers[0] : { data: [] };
    });
    form = await mounted(Edit, {}, PATH);
    await flushPromises();
  }

  const at = (id: string) => form.page.find(`[data-testid="${ id }"]`);
  const submit = async() => {
    await at('croft-form').trigger('submit');
    await flushPromises();
  };

  afterEach(() => {
    form.page.unmount();
    jest.restoreAllMocks();
  });

  it('sends only what was changed, with what it was, and goes to the machine', async() => {
    await open([made(1)]);
    await at('croft-form-description').setValue('mine');
    await submit();

    expect(sent).toStrictEqual([expect.objectContaining({
      media: 'application/json-patch+json',
      body:  [{
        op: 'add', path: '/metadata/annotations/field.cattle.io~1description', value: 'mine'
      }]
    })]);
    expect(form.router.currentRoute.value.path).toBe('/croft/c/_/virtualmachines/c-m-1/default/web');
  });

  it('sends nothing where nothing was changed', async() => {
    await open([made(1)]);
    await submit();

    expect(sent).toStrictEqual([]);
    expect(form.router.currentRoute.value.path).toBe('/croft/c/_/virtualmachines/c-m-1/default/web');
  });

  it('says when a change takes effect in a machine that runs', async() => {
    await open([made(1)]);
    await at('croft-form-cpu').setValue('2');
    await at('croft-form-description').setValue('mine');

    expect(at('croft-form-effect-restart').text()).toContain('croft.form.cpu');
    expect(at('croft-form-effect-now').text()).toContain('croft.guest.field.vmDescription');
  });

  it('plugs a disk that comes while it runs', async() => {
    await open([made(1)]);
    await at('croft-form-disk-add').trigger('click');
    form.page.findAllComponents({ name: 'LabeledSelect' }).find((one) => one.props('label') === 'croft.form.source')?.vm.$emit('update:value', 'blank');
    await flushPromises();
    expect(at('croft-form-effect-now').text()).toContain('croft.guest.part.disks');

    await submit();
    expect(JSON.stringify(sent[0].body)).toContain('"hotpluggable":true');
  });

  it('keeps what was changed where somebody else has changed the same, and says so', async() => {
    let first = true;

    await open([made(1), made(4, 'b')], () => {
      if (first) {
        first = false;
        throw new client.ApiError(422, 'Invalid', 'the server rejected our request');
      }
    });
    await at('croft-form-cpu').setValue('2');
    await submit();
    expect(at('croft-form-overtaken').exists()).toBe(true);
    expect((at('croft-form-cpu').element as HTMLInputElement).value).toBe('2');

    await submit();
    expect(sent[1].body).toContainEqual({
      op: 'test', path: '/spec/template/spec/domain/cpu/cores', value: 4
    });
  });

  it('shows a refusal at its field where nobody else was there', async() => {
    await open([made(1)], () => {
      throw new client.ApiError(422, 'Invalid', 'That is too much.', 'spec.template.spec.domain.cpu.cores');
    });
    await at('croft-form-cpu').setValue('2');
    await submit();

    expect(at('croft-refusal-cpu').text()).toBe('That is too much.');
    expect(at('croft-form-overtaken').exists()).toBe(false);
  });
});
