/** Makes the Secrets of a machine's credentials, or changes them to what the form says now. */
import { request } from '../../api/client';
import { site as siteUrls } from '../../api/urls';
import type { Secret } from './credential';

/** Kubernetes' server-side apply: who asks twice has one Secret. */
const APPLY = 'application/apply-patch+yaml';

export async function give(site: string, secrets: Secret[]): Promise<void> {
  for (const secret of secrets) {
    await request(siteUrls(site).secret(secret.metadata.namespace ?? '', secret.metadata.name), {
      method: 'PATCH', body: secret, media: APPLY
    });
  }
}
