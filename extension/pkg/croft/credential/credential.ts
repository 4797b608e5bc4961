/** The access of a guest cluster to its site: what is asked for, as Rancher's own pages ask for it. */

export const CREDENTIAL_PATH = 'kubeconfig';

export interface CredentialRequest {
  clusterRoleName: 'harvesterhci.io:cloudprovider';
  csiclusterRoleName: 'harvesterhci.io:csi-driver' | '';
  namespace: string;
  serviceAccountName: string;
}

/** What to POST for a guest cluster's access; with the right to plug disks in unless it has no CSI driver. */
export function credentialRequest(namespace: string, guest: string, withDisks = true): CredentialRequest {
  return {
    clusterRoleName:    'harvesterhci.io:cloudprovider',
    csiclusterRoleName: withDisks ? 'harvesterhci.io:csi-driver' : '',
    namespace:          namespace.trim(),
    serviceAccountName: guest.trim(),
  };
}
