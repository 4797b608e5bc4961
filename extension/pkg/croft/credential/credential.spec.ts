import { credentialRequest } from './credential';

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
