/** Amounts of what sites have, as people read them. */
import { bytes } from '../display/quantity';
import type { ResourceName } from './overview';

const cores = (n: number) => String(Math.round(n * 10) / 10);

export const show: Record<ResourceName, (n: number) => string> = {
  cpu: cores, memory: bytes, storage: bytes
};
