/** The form of a new machine: what it holds, what it refuses by itself, and the object it becomes. */
import type { ApiError } from '../api/client';
import type { Image } from '../api/image';
import type { ClaimTemplate, Interface, Network, VirtualMachine } from '../api/kubevirt';
import type { Sentence } from '../display/sentence';
import { idOf } from '../image/image';
import { INLINE_LIMIT, keysOf, unlessUsable, userDataOf } from './cloudinit';

export interface Form {
  /** Cluster id. */
  site: string;
  namespace: string;
  name: string;
  /** Cores. */
  cpu: number;
  /** GiB. */
  memory: number;
  /** `namespace/name` of an image of the site. */
  image: string;
  /** GiB. */
  disk: number;
  /** `namespace/name` of a network attachment, empty for the pod network. */
  network: string;
  /** Public keys, one a line. */
  sshKey: string;
  userData: string;
}

export type Field = keyof Form;
export type Refusals = Partial<Record<Field | 'all', Sentence>>;

export const EMPTY: Form = {
  site: '', namespace: 'default', name: '', cpu: 1, memory: 1, image: '', disk: 10, network: '', sshKey: '', userData: '#cloud-config\n'
};

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PUBLIC_KEY = /^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( .*)?$/;
const GIB = 2 ** 30;

function refuse(key: string, args?: Record<string, string | number>): Sentence {
  return { key: `croft.form.error.${ key }`, args };
}

function mebibytes(gib: number): number {
  return Math.round(gib * 1024);
}

function unlessName(name: string): Sentence | undefined {
  if (!name) {
    return refuse('required');
  }

  return name.length > 63 || !DNS_LABEL.test(name) ? refuse('name') : undefined;
}

function unlessCloudInit(form: Form): Sentence | undefined {
  const unusable = unlessUsable(form.userData);

  if (unusable) {
    return unusable;
  }

  const size = new TextEncoder().encode(userDataOf(form.userData, form.sshKey)).length;

  return size > INLINE_LIMIT ? refuse('cloudConfigSize', { size, limit: INLINE_LIMIT }) : undefined;
}

function unlessKeys(form: Form): Sentence | undefined {
  if (keysOf(form.sshKey).some((key) => !PUBLIC_KEY.test(key))) {
    return refuse('sshKey');
  }

  return keysOf(form.sshKey).length && form.userData.trim().startsWith('#!') ? refuse('sshKeyInScript') : undefined;
}

/** The least disk in GiB that holds the image. */
export function leastDisk(image?: Image): number {
  return Math.max(1, Math.ceil((image?.status?.virtualSize ?? 0) / GIB));
}

/** What the form forgets at a site that does not have it. */
export function moved(form: Form, offer: { images: Image[]; namespaces: string[]; networks: string[] }): Pick<Form, 'namespace' | 'image' | 'network'> {
  const { namespaces } = offer;
  const [first = form.namespace] = namespaces.includes(EMPTY.namespace) ? [EMPTY.namespace] : namespaces;

  return {
    namespace: namespaces.includes(form.namespace) ? form.namespace : first,
    image:     offer.images.some((image) => idOf(image) === form.image) ? form.image : '',
    network:   offer.networks.includes(form.network) ? form.network : '',
  };
}

/** What is wrong with the form, by field; empty where nothing is. The site has the last word. */
export function check(form: Form, image?: Image): Refusals {
  const least = leastDisk(image);
  const found: Refusals = {
    site:      form.site ? undefined : refuse('required'),
    namespace: form.namespace ? undefined : refuse('required'),
    name:      unlessName(form.name),
    cpu:       Number.isInteger(form.cpu) && form.cpu > 0 ? undefined : refuse('cpu'),
    memory:    mebibytes(form.memory) > 0 ? undefined : refuse('memory'),
    image:     form.image ? undefined : refuse('required'),
    disk:      form.disk >= least ? undefined : refuse('disk', { least }),
    sshKey:    unlessKeys(form),
    userData:  unlessCloudInit(form),
  };

  return Object.fromEntries(Object.entries(found).filter(([, sentence]) => sentence));
}

function claim(form: Form, image: Image | undefined, random: string): ClaimTemplate {
  return {
    metadata: { name: `${ form.name }-disk-0-${ random }`, annotations: { 'harvesterhci.io/imageId': form.image } },
    spec:     {
      accessModes:      ['ReadWriteMany'],
      volumeMode:       'Block',
      storageClassName: image?.status?.storageClassName,
      resources:        { requests: { storage: `${ form.disk }Gi` } },
    },
  };
}

function networking(network: string): { nic: Interface; network: Network } {
  const name = 'default';

  if (!network) {
    return {
      nic: {
        name, model: 'virtio', masquerade: {}
      },
      network: { name, pod: {} }
    };
  }

  return {
    nic: {
      name, model: 'virtio', bridge: {}
    },
    network: { name, multus: { networkName: network } }
  };
}

/** A quantity without a fraction: 1.5 GiB is 1536Mi. */
function memoryQuantity(gib: number): string {
  return Number.isInteger(gib) ? `${ gib }Gi` : `${ mebibytes(gib) }Mi`;
}

/** The object to POST, in Harvester's shape. `random` tells the claims of namesakes apart. */
export function virtualMachine(form: Form, image: Image | undefined, random: string): VirtualMachine {
  const template = claim(form, image, random);
  const { nic, network } = networking(form.network);
  const userData = userDataOf(form.userData, form.sshKey);

  return {
    type:       'kubevirt.io.virtualmachine',
    apiVersion: 'kubevirt.io/v1',
    kind:       'VirtualMachine',
    metadata:   {
      name:        form.name,
      namespace:   form.namespace,
      labels:      { 'harvesterhci.io/creator': 'harvester' },
      annotations: { 'harvesterhci.io/volumeClaimTemplates': JSON.stringify([template]) },
    },
    spec: {
      runStrategy: 'RerunOnFailure',
      template:    {
        // The keys are in the user data alone. Harvester's Terraform provider reads no machine that does not name its keys.
        metadata: { labels: { 'harvesterhci.io/vmName': form.name }, annotations: { 'harvesterhci.io/sshNames': '[]' } },
        spec:     {
          hostname:                      form.name,
          evictionStrategy:              'LiveMigrateIfPossible',
          terminationGracePeriodSeconds: 120,
          domain:                        {
            cpu: {
              cores: form.cpu, sockets: 1, threads: 1
            },
            features:  { acpi: { enabled: true } },
            resources: { limits: { cpu: String(form.cpu), memory: memoryQuantity(form.memory) } },
            devices:   {
              disks: [
                {
                  name: 'disk-0', bootOrder: 1, disk: { bus: 'virtio' }
                },
                { name: 'cloudinitdisk', disk: { bus: 'virtio' } },
              ],
              interfaces: [nic],
            },
          },
          networks: [network],
          volumes:  [
            { name: 'disk-0', persistentVolumeClaim: { claimName: template.metadata.name } },
            { name: 'cloudinitdisk', cloudInitNoCloud: { userData: userData || '#cloud-config\n' } },
          ],
        },
      },
    },
  };
}

/** Where on the form the server's field is. The first that fits wins. */
const PLACES: [RegExp, Field][] = [
  [/ssh_?authorized|sshKey|accessCredentials/i, 'sshKey'],
  [/cloudInit|userData/i, 'userData'],
  [/imageId|image/i, 'image'],
  [/memory/i, 'memory'],
  [/cpu|cores|sockets/i, 'cpu'],
  [/storage|volumeClaimTemplates|volumes|disks/i, 'disk'],
  [/networks?\b|interfaces/i, 'network'],
  [/metadata\.namespace|^namespace$/i, 'namespace'],
  [/metadata\.name|^name$|hostname/i, 'name'],
];

/** A server's refusal at the field that it names, or above the form. */
export function placed(error: ApiError): Refusals {
  if (error.status === 409 && error.code === 'AlreadyExists') {
    return { name: { key: 'croft.form.error.taken' } };
  }

  const place = error.fieldName ? PLACES.find(([pattern]) => pattern.test(error.fieldName)) : undefined;

  return { [place?.[1] ?? 'all']: error.sentence };
}
