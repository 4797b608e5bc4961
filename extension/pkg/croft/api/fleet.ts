/** The rows of the hub: `/v1/croft/virtualmachines` and `/v1/croft/sites`. */
import type { Collection, Resource } from './steve';

/** One virtual machine of one site as the hub last heard of it. */
export interface MachineRow extends Resource {
  site: string;
  siteName: string;
  namespace: string;
  name: string;
  uid: string;
  state: string;
  /** Why it is in this state, where the state asks for a reason. */
  reason: string;
  node: string;
  cpu: number;
  /** Bytes. */
  memory: number;
  addresses: string[];
  guestOS?: string;
  image?: string;
  /** How many disks it has. */
  disks?: number;
  /** Bytes of all of them. */
  diskSize?: number;
  networks?: string[];
  macs?: string[];
  guestCluster?: string;
  tags?: string[];
  created: string;
  /** True where the site has not been heard from since `lastHeard`. */
  stale: boolean;
  lastHeard: string;
}

/** How fresh one site's rows in an answer are. */
export interface SiteFreshness {
  id: string;
  name: string;
  connected: boolean;
  /** The site tells of its changes now. */
  synced: boolean;
  /** Everything of the site has been listed, and nothing was left out. */
  complete: boolean;
  lastHeard: string;
  message: string;
}

/** How many of a list's rows have each value of a column, on whatever page they are. */
export interface Summary {
  property: string;
  counts: Record<string, { total: number }>;
}

export interface MachineList extends Collection<MachineRow> {
  sites?: SiteFreshness[];
  /** From where a subscription to the same query goes on. */
  cursor?: string;
  summary?: Summary[];
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** A token or a certificate that a site hangs on. */
export interface Ending {
  name: string;
  expirationTime: string;
}

export interface Capacity {
  capacity: number;
  requested: number;
  /** Absent or 0 where the site does not measure it. */
  used?: number;
}

/** One site, with what the hub counts in it. */
export interface Site extends Resource {
  id: string;
  name: string;
  displayName?: string;
  version?: string;
  nodes?: number;
  /** The site's numbers are missing where the caller may not list all of its machines. */
  machines?: number;
  machinesRunning?: number;
  /** Cores. */
  cpu?: Capacity;
  /** Bytes. */
  memory?: Capacity;
  /** Bytes; of sites without Longhorn the capacity is not known. */
  storage?: Capacity;
  region?: string;
  environment?: string;
  credentials?: Ending[];
  /** What people call where it is. */
  place?: string;
  conditions?: Condition[];
  lastHeard?: string;
}
