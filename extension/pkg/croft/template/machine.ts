/** A machine of a template's version: as the version has it, with a name, claims and addresses of its own. */
import type { ClaimTemplate, InstanceSpec, VirtualMachine } from '../api/kubevirt';
import { userDataOf } from '../virtualmachine/cloudinit';
import type { Version } from './template';

const CLAIMS = 'harvesterhci.io/volumeClaimTemplates';
const IMAGE = 'harvesterhci.io/imageId';
const MACHINE_NAME = 'harvesterhci.io/vmName';
const CLOUD_INIT = 'cloudinitdisk';

/** What a person says of the machine. */
export interface Wish {
  namespace: string;
  name: string;
  /** The class and the `namespace/name` of the image for the disk that wants one, as a choice of images has them. */
  image: string;
  /** Public keys that the guest is given, besides those in the version's own document. */
  keys: string[];
  /** Tells the claims of namesakes apart. */
  random: string;
}

export function claimsOf({ spec: { vm } }: Version): ClaimTemplate[] {
  return JSON.parse(vm?.metadata?.annotations?.[CLAIMS] || '[]');
}

/** Whether a disk is to be made of an image that only the person who makes the machine can name. */
export function wantsImage(version: Version): boolean {
  return claimsOf(version).some(({ metadata }) => metadata.annotations?.[IMAGE] === '');
}

function claim(template: ClaimTemplate, name: string, image: string): ClaimTemplate {
  const wants = template.metadata.annotations?.[IMAGE] === '';
  const [storageClassName = '', id = ''] = image.split(' ');

  return {
    metadata: {
      ...template.metadata, name, ...(wants ? { annotations: { ...template.metadata.annotations, [IMAGE]: id } } : {})
    },
    spec: { ...template.spec, ...(wants && storageClassName ? { storageClassName } : {}) },
  };
}

/** The guest's spec with keys in its document, which is made where the version has none; one in a Secret is left as it is. */
function withKeys(spec: InstanceSpec, keys: string[]): InstanceSpec {
  const { volumes = [], domain } = spec;
  const had = volumes.find((volume) => volume.cloudInitNoCloud);

  if (!keys.length || had?.cloudInitNoCloud?.secretRef) {
    return spec;
  }
  if (had) {
    const userData = userDataOf(had.cloudInitNoCloud?.userData ?? '', keys.join('\n'));

    return { ...spec, volumes: volumes.map((volume) => volume === had ? { ...volume, cloudInitNoCloud: { ...volume.cloudInitNoCloud, userData } } : volume) };
  }

  return {
    ...spec,
    domain:  { ...domain, devices: { ...domain.devices, disks: [...domain.devices.disks ?? [], { name: CLOUD_INIT, disk: { bus: 'virtio' } }] } },
    volumes: [...volumes, { name: CLOUD_INIT, cloudInitNoCloud: { userData: userDataOf('', keys.join('\n')) } }],
  };
}

/** The guest's spec on claims of its own, and with network cards whose addresses the site gives anew. */
function renewed(spec: InstanceSpec, name: string, claims: Map<string, string>): InstanceSpec {
  const { domain, volumes = [] } = spec;
  const interfaces = domain.devices.interfaces?.map(({ macAddress: _old, ...nic }) => nic);

  return {
    ...spec,
    hostname: name,
    domain:   { ...domain, devices: { ...domain.devices, ...(interfaces ? { interfaces } : {}) } },
    volumes:  volumes.map((volume) => {
      const own = claims.get(volume.persistentVolumeClaim?.claimName ?? '');

      return own ? { ...volume, persistentVolumeClaim: { ...volume.persistentVolumeClaim, claimName: own } } : volume;
    }),
  };
}

/** The machine to POST; nothing where the version has none. */
export function machineOf(version: Version, wish: Wish): VirtualMachine | undefined {
  const { vm } = version.spec;
  const { name, namespace } = wish;

  if (!vm?.spec) {
    return undefined;
  }

  const claims = new Map(claimsOf(version).map((template, i) => [template.metadata.name, `${ name }-disk-${ i }-${ wish.random }`]));
  const templates = claimsOf(version).map((template) => claim(template, claims.get(template.metadata.name) ?? '', wish.image));
  const { metadata, spec } = vm.spec.template;

  return {
    type:       'kubevirt.io.virtualmachine',
    apiVersion: 'kubevirt.io/v1',
    kind:       'VirtualMachine',
    metadata:   {
      name, namespace, labels: vm.metadata?.labels, annotations: { ...vm.metadata?.annotations, [CLAIMS]: JSON.stringify(templates) }
    },
    spec: {
      ...vm.spec,
      template: {
        metadata: { ...metadata, labels: { ...metadata?.labels, [MACHINE_NAME]: name } },
        spec:     renewed(withKeys(spec, wish.keys), name, claims),
      },
    },
  };
}
