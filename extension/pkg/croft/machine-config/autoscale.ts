/** What the cluster autoscaler reads of a pool that has no node yet: what a node of it would have. */
import { sizeOf, typeOf } from './capacity';
import type { Form } from './config';
import type { Offer } from './offer';

const RESOURCE = 'cluster.provisioning.cattle.io/autoscaler-resource-';
const MIB = 2 ** 20;

/** Nothing is said of what is not known, such as the size of a type that the site does not have. */
function known(count: number | undefined, unit = ''): string | undefined {
  return count && count > 0 ? `${ Math.floor(count) }${ unit }` : undefined;
}

/** The annotations of a pool, with what a machine of this form has; what others wrote there stays. */
export function scaled(annotations: Record<string, string> | undefined, form: Form, offer: Pick<Offer, 'types' | 'ownTypes'>): Record<string, string> {
  const type = typeOf(form, offer);
  const { cpu, memory } = form.instanceType && !type ? { cpu: 0, memory: 0 } : sizeOf(form, type);
  const root = form.disks.find(({ bootOrder }) => bootOrder === 1) ?? form.disks[0];
  const told = { ...annotations };

  for (const [resource, count] of [
    ['cpu', known(cpu)], ['memory', known(memory / MIB, 'Mi')], ['ephemeral-storage', known(root?.size, 'Gi')],
  ] as const) {
    delete told[RESOURCE + resource];
    if (count) {
      told[RESOURCE + resource] = count;
    }
  }

  return told;
}
