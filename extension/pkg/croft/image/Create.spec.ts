import { flushPromises } from '@vue/test-utils';
import * as client from '../api/client';
import { mounted, type Mounted } from '../testing/mount';
import Create from './Create.vue';

describe('the form of a new image', () => {
  let form: Mounted;
  const request = jest.spyOn(client, 'request');

  const at = (id: string) => form.page.find(`[data-testid="${ id }"]`);
  const refusals = () => form.page.findAll('.croft-refusal').map((p) => p.attributes('data-testid'));

  async function submit(values: Record<string, string>) {
    for (const [word, value] of Object.entries(values)) {
      await at(`croft-image-${ word }`).setValue(value);
    }
    await at('croft-image-form').trigger('submit');
    await flushPromises();
  }

  beforeEach(async() => {
    request.mockReset().mockResolvedValue(undefined);
    form = await mounted(Create, { site: 'c-m-1' });
  });

  afterEach(() => form.page.unmount());
  afterAll(() => jest.restoreAllMocks());

  it('refuses by itself what no site takes, at its field', async() => {
    await submit({ url: 'file:///etc/passwd', checksum: 'short' });

    expect(refusals()).toStrictEqual(['croft-refusal-name', 'croft-refusal-url', 'croft-refusal-checksum']);
    expect(request).not.toHaveBeenCalled();
  });

  it.each([
    ['the URL', 422, 'spec.url', 'url'],
    ['the checksum', 422, 'spec.checksum', 'checksum'],
    ['a name that is taken', 409, '', 'name'],
    ['the namespace', 422, 'metadata.namespace', 'namespace'],
  ])('shows a server’s refusal of %s beside its input', async(_reason, status, fieldName, word) => {
    request.mockRejectedValue(client.errorOf(status, {
      code: 'Invalid', message: 'No.', fieldName
    }));
    await submit({ name: 'tiny', url: 'http://x/tiny.qcow2' });

    expect(refusals()).toStrictEqual([`croft-refusal-${ word }`]);
    expect(at(`croft-refusal-${ word }`).text()).toBe('No.');
    expect(at(`croft-image-${ word }`).attributes('aria-describedby')).toBe(at(`croft-refusal-${ word }`).attributes('id'));
    expect(form.page.emitted('close')).toBeUndefined();
  });

  it('shows above the fields what belongs to none', async() => {
    request.mockRejectedValue(new client.ApiError(403, 'Forbidden', 'You may not add images.'));
    await submit({ name: 'tiny', url: 'http://x/tiny.qcow2' });

    expect(at('croft-image-error').text()).toBe('You may not add images.');
  });

  it('closes when the site has taken it', async() => {
    await submit({ name: 'tiny', url: 'http://x/tiny.qcow2' });

    expect(request.mock.calls[0][0]).toBe('/k8s/clusters/c-m-1/v1/harvester/harvesterhci.io.virtualmachineimage');
    expect(form.page.emitted('close')).toHaveLength(1);
  });
});
