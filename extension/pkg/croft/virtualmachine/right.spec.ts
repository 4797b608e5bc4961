import * as client from '../api/client';
import { forbiddenConsoles } from './right';

const target = {
  site: 'c-m-1', namespace: 'default', name: 'web'
};

describe('forbiddenConsoles', () => {
  const request = jest.spyOn(client, 'request');

  afterAll(() => jest.restoreAllMocks());

  it.each([
    ['a caller with every right', () => ({ status: { allowed: true } }), []],
    ['one with the right to the screen alone', (kind: string) => ({ status: { allowed: kind === 'vnc' } }), ['console']],
    ['one without', () => ({ status: { allowed: false } }), ['console', 'vnc']],
    ['a site that does not say', () => {
      throw new client.ApiError(503, '', 'no tunnel');
    }, []],
  ])('%s', async(_reason, answer, want) => {
    request.mockReset().mockImplementation(async(_url, options) => {
      const { spec } = options?.body as { spec: { resourceAttributes: { subresource: string } } };

      return answer(spec.resourceAttributes.subresource);
    });

    await expect(forbiddenConsoles(target)).resolves.toStrictEqual(want);
    expect(request.mock.calls[0][0]).toBe('/k8s/clusters/c-m-1/apis/authorization.k8s.io/v1/selfsubjectaccessreviews');
    expect(request.mock.calls[0][1]).toMatchObject({
      method: 'POST',
      body:   {
        spec: {
          resourceAttributes: {
            verb: 'get', group: 'subresources.kubevirt.io', resource: 'virtualmachineinstances', subresource: 'console', namespace: 'default', name: 'web'
          }
        }
      }
    });
  });
});
