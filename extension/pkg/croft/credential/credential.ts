/** The access of a guest cluster to its site: what is asked for, as Rancher's own pages ask for it. */
import { named } from '../action/choice';
import {
  choice, name, yesNo, type Fields, type Values
} from '../action/form';
import { request } from '../api/client';
import { site, TYPE } from '../api/urls';

export interface CredentialRequest {
  clusterRoleName: 'harvesterhci.io:cloudprovider';
  csiclusterRoleName: 'harvesterhci.io:csi-driver' | '';
  namespace: string;
  serviceAccountName: string;
}

export const FIELDS: Fields = {
  namespace: choice(named(TYPE.namespace), 'default'), serviceAccountName: name(), withDisks: yesNo(true)
};

/** What to POST for a guest cluster's access; with the right to plug disks in unless it has no CSI driver. */
export function credentialRequest(namespace: string, guest: string, withDisks = true): CredentialRequest {
  return {
    clusterRoleName:    'harvesterhci.io:cloudprovider',
    csiclusterRoleName: withDisks ? 'harvesterhci.io:csi-driver' : '',
    namespace:          namespace.trim(),
    serviceAccountName: guest.trim(),
  };
}

/** The kubeconfig, as the text of its file. */
export function mint(id: string, { namespace, serviceAccountName, withDisks }: Values): Promise<string> {
  return request<string>(site(id).kubeconfig(), { method: 'POST', body: credentialRequest(String(namespace), String(serviceAccountName), withDisks === true) });
}
