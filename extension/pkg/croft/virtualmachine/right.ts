/** What the caller may do with a machine, as the site's Kubernetes judges it. */
import { request } from '../api/client';
import { site } from '../api/urls';
import type { Target } from '../action/target';

export const CONSOLES = ['console', 'vnc'] as const;
export type Console = typeof CONSOLES[number];

interface AccessReview {
  status?: { allowed?: boolean };
}

/** Whether the caller may open a console: what KubeVirt asks for when it is opened. */
export async function mayOpen({ site: id, namespace, name }: Target, kind: Console): Promise<boolean> {
  const review = await request<AccessReview>(site(id).accessReview(), {
    method: 'POST',
    body:   {
      apiVersion: 'authorization.k8s.io/v1',
      kind:       'SelfSubjectAccessReview',
      spec:       {
        resourceAttributes: {
          verb: 'get', group: 'subresources.kubevirt.io', resource: 'virtualmachineinstances', subresource: kind, namespace, name
        }
      },
    },
  });

  return review.status?.allowed === true;
}

/** The consoles that the caller may not open; none where the site cannot say, since it has the last word anyway. */
export async function forbiddenConsoles(target: Target): Promise<Console[]> {
  const may = await Promise.all(CONSOLES.map((kind) => mayOpen(target, kind).catch(() => true)));

  return CONSOLES.filter((_, i) => !may[i]);
}
