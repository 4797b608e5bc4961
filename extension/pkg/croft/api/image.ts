/** Of Harvester's images, the fields that the pages read and write. */
import type { Condition } from './fleet';
import type { Resource } from './steve';

export interface Image extends Resource {
  spec: {
    displayName: string;
    sourceType: string;
    url?: string;
    checksum?: string;
  };
  status?: {
    progress?: number;
    size?: number;
    virtualSize?: number;
    storageClassName?: string;
    failed?: number;
    conditions?: Condition[];
  };
}
