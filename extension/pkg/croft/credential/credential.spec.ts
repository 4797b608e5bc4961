import * as client from '../api/client';
import { credentialRequest, mint } from './credential';

describe('credentialRequest', () => {
  it.each([
    ['a guest that plugs disks in', true, 'harvesterhci.io:csi-driver'],
    ['a guest without the CSI driver', false, ''],
  ])('%s', (_reason, withDisks, csiclusterRoleName) => {
    expect(credentialRequest(' tenant', 'guest ', withDisks)).toStrictEqual({
      clusterRoleName: 'harvesterhci.io:cloudprovider', csiclusterRoleName, namespace: 'tenant', serviceAccountName: 'guest'
    });
  });
});

describe('mint', () => {
  it('asks the site, and answers with the file’s text', async() => {
    const request = jest.spyOn(client, 'request').mockResolvedValue('apiVersion: v1');

    expect(await mint('c-m-1', {
      namespace: 'guests', serviceAccountName: 'one', withDisks: true
    })).toBe('apiVersion: v1');
    expect(request).toHaveBeenCalledWith('/k8s/clusters/c-m-1/v1/harvester/kubeconfig', { method: 'POST', body: credentialRequest('guests', 'one') });
    jest.restoreAllMocks();
  });
});
