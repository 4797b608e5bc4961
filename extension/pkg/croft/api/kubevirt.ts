/** Of KubeVirt's kinds, the fields that the pages read and write. */
import type { Condition } from './fleet';
import type { Resource } from './steve';

export interface Disk {
  name: string;
  bootOrder?: number;
  disk?: { bus?: string };
  cdrom?: { bus?: string };
  lun?: { bus?: string };
}

export interface Interface {
  name: string;
  model?: string;
  macAddress?: string;
  masquerade?: Record<string, unknown>;
  bridge?: Record<string, never>;
  sriov?: Record<string, never>;
}

export interface Network {
  name: string;
  pod?: Record<string, unknown>;
  multus?: { networkName: string };
}

export interface Volume {
  name: string;
  /** One that is pluggable comes and goes while the machine runs. */
  persistentVolumeClaim?: { claimName: string; hotpluggable?: boolean };
  dataVolume?: { name: string };
  containerDisk?: { image: string };
  cloudInitNoCloud?: { userData?: string; networkData?: string; secretRef?: { name: string } };
}

/** A device of a node; one that is claimed dynamically has no name of its own. */
export interface HostDevice {
  name: string;
  deviceName?: string;
}

/** What is asked of a label. */
export interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface NodeTerm {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

export interface PodTerm {
  labelSelector?: { matchLabels?: Record<string, string>; matchExpressions?: Requirement[] };
  topologyKey: string;
}

/** Towards other machines, or away from them. */
export interface Spread {
  requiredDuringSchedulingIgnoredDuringExecution?: PodTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; podAffinityTerm: PodTerm }[];
}

export interface Affinity {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeTerm[] };
    preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; preference: NodeTerm }[];
  };
  podAffinity?: Spread;
  podAntiAffinity?: Spread;
}

interface Access {
  source: { secret?: { secretName: string } };
  /** By the guest's agent, or by the document that cloud-init reads. */
  propagationMethod: { qemuGuestAgent?: { users?: string[] }; noCloud?: Record<string, never>; configDrive?: Record<string, never> };
}

/** By what users get into a guest. */
export interface AccessCredential {
  sshPublicKey?: Access;
  userPassword?: Access;
}

export interface InstanceSpec {
  hostname?: string;
  evictionStrategy?: string;
  terminationGracePeriodSeconds?: number;
  nodeSelector?: Record<string, string>;
  affinity?: Affinity;
  accessCredentials?: AccessCredential[];
  domain: {
    cpu?: { cores?: number; sockets?: number; threads?: number };
    memory?: { guest?: string };
    features?: { acpi?: { enabled?: boolean }; smm?: { enabled?: boolean } };
    firmware?: { bootloader?: { efi?: { secureBoot?: boolean; persistent?: boolean }; bios?: Record<string, unknown> } };
    resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
    devices: { disks?: Disk[]; interfaces?: Interface[]; hostDevices?: HostDevice[]; gpus?: HostDevice[]; tpm?: { persistent?: boolean; enabled?: boolean } };
  };
  networks?: Network[];
  volumes?: Volume[];
}

export interface VirtualMachine extends Resource {
  spec: {
    runStrategy?: string;
    /** What says its size in the place of the template, and how it is called. */
    instancetype?: { kind?: string; name: string; revisionName?: string };
    template: { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec: InstanceSpec };
  };
  status?: { printableStatus?: string; conditions?: Condition[] };
}

export interface Instance extends Resource {
  spec: InstanceSpec;
  status?: {
    phase?: string;
    nodeName?: string;
    conditions?: Condition[];
    guestOSInfo?: { prettyName?: string; kernelRelease?: string };
    interfaces?: { name?: string; ipAddress?: string; ipAddresses?: string[]; mac?: string }[];
    migrationState?: { targetNode?: string; sourceNode?: string; completed?: boolean; failed?: boolean; failureReason?: string };
  };
}

/** What `harvesterhci.io/volumeClaimTemplates` holds, as JSON: the claims that come with a machine. */
export interface ClaimTemplate {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: {
    accessModes: string[];
    volumeMode: string;
    storageClassName?: string;
    resources: { requests: { storage: string } };
  };
}

export interface Event extends Resource {
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}
