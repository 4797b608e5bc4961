/** The access of guest clusters to a site, as Rancher keeps it: the fields are Harvester's, so that either form reads the other's. */
import { request } from '../api/client';
import { rancher } from '../api/urls';
import type { Sentence } from '../display/sentence';
import { unlessKubeconfig } from './kubeconfig';

/** An imported site is reached through Rancher, an external one by a kubeconfig that somebody gives. */
export type ClusterType = 'imported' | 'external';

export interface Access {
  clusterType: ClusterType;
  /** Rancher's name of an imported site. */
  clusterId: string;
  kubeconfigContent: string;
}

export type Refusals = Partial<Record<keyof Access, Sentence>>;

const REQUIRED: Sentence = { key: 'croft.form.error.required' };

/** What a credential says, with what is usual where it says nothing. */
export function accessOf(kept: Partial<Access> = {}): Access {
  return {
    clusterType:       kept.clusterType === 'external' ? 'external' : 'imported',
    clusterId:         kept.clusterId ?? '',
    kubeconfigContent: kept.kubeconfigContent ?? '',
  };
}

/**
 * What is wrong, by field. A credential that is there already has its kubeconfig, which nobody is told again: one that is
 * left empty stays.
 */
export function check({ clusterType, clusterId, kubeconfigContent }: Access, known = false): Refusals {
  if (clusterType === 'imported') {
    return clusterId || known ? {} : { clusterId: REQUIRED };
  }
  if (!kubeconfigContent.trim()) {
    return known ? {} : { kubeconfigContent: REQUIRED };
  }

  const wrong = unlessKubeconfig(kubeconfigContent);

  return wrong ? { kubeconfigContent: wrong } : {};
}

/** A kubeconfig by which the caller reaches an imported site through Rancher. */
export async function kubeconfigFor(clusterId: string): Promise<string> {
  const made = await request<{ status?: { value?: string } }>(rancher.kubeconfigs(), { method: 'POST', body: { type: 'ext.cattle.io.kubeconfig', spec: { clusters: [clusterId], includeDefaultEntry: false } } });

  return made.status?.value ?? '';
}
