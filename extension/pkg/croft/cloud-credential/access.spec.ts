import * as client from '../api/client';
import { accessOf, check, kubeconfigFor, type Access } from './access';
import { siteOf, sitesToChoose } from './sites';

describe('the access', () => {
  it.each([
    ['a site must be chosen', {}, false, ['clusterId']],
    ['a site is enough', { clusterId: 'c-m-1' }, false, []],
    ['a kubeconfig must be given', { clusterType: 'external' }, false, ['kubeconfigContent']],
    ['what is there already is not told again', { clusterType: 'external' }, true, []],
    ['a new one must be right', { clusterType: 'external', kubeconfigContent: 'x' }, true, ['kubeconfigContent']],
  ] as [string, Partial<Access>, boolean, string[]][])('%s', (_reason, kept, known, want) => {
    expect(Object.keys(check(accessOf(kept), known))).toStrictEqual(want);
  });
});

describe('the kubeconfig of an imported site', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is asked for that site alone', async() => {
    const asked = jest.spyOn(client, 'request').mockResolvedValue({ status: { value: 'kind: Config' } });

    expect(await kubeconfigFor('c-m-1')).toBe('kind: Config');
    expect(asked.mock.calls[0][1]?.body).toStrictEqual({ type: 'ext.cattle.io.kubeconfig', spec: { clusters: ['c-m-1'], includeDefaultEntry: false } });
  });
});

describe('the sites to choose from', () => {
  afterEach(() => jest.restoreAllMocks());

  const cluster = { metadata: { name: 'north' }, status: { clusterName: 'c-m-1', ready: true } };

  it.each([
    ['one that is there', cluster, ['c-m-1 True']],
    ['one that is away', { ...cluster, status: { clusterName: 'c-m-1' } }, ['c-m-1 False']],
    ['one that Rancher has not named yet', { metadata: { name: 'north' } }, []],
  ])('of an imported cluster: %s', (_reason, from, want) => {
    expect(siteOf(from).map(({ id, conditions }) => `${ id } ${ conditions?.[0].status }`)).toStrictEqual(want);
  });

  it('are Rancher’s clusters where there is no hub', async() => {
    jest.spyOn(client, 'request').mockImplementation(async(url) => {
      if (url.startsWith('/v1/croft')) {
        throw new client.ApiError(404, 'NotFound', 'no');
      }

      return { data: [cluster] };
    });

    expect((await sitesToChoose()).map(({ name }) => name)).toStrictEqual(['north']);
  });

  it('are none where the hub is in trouble, and it says so', async() => {
    jest.spyOn(client, 'request').mockRejectedValue(new client.ApiError(503, 'Unavailable', 'The index is being built.'));

    await expect(sitesToChoose()).rejects.toThrow('The index is being built.');
  });
});
