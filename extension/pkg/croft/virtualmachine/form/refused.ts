/** Where on the form of a machine a server's refusal belongs. */
import { MAY_NOT, type ApiError } from '../../api/client';
import { deviceAt } from './device';
import type { MachineDisk } from './disk';
import { refuse, type Form, type Refusals } from './form';

/** The number that stands behind a list's name in a path. */
function numberIn(path: string, list: string): number | undefined {
  const found = new RegExp(`${ list }\\]?\\[(\\d+)\\]`).exec(path);

  return found ? Number(found[1]) : undefined;
}

/** The disk that the server's field is of: its claims are those of disks that are not on volumes which exist. */
function diskAt(path: string, disks: MachineDisk[]): number {
  const made = disks.flatMap(({ source }, n) => source === 'volume' ? [] : [n]);

  return numberIn(path, 'disks') ?? numberIn(path, 'volumes') ?? made[numberIn(path, 'volumeClaimTemplates') ?? 0] ?? 0;
}

const cardAt = (path: string) => numberIn(path, 'interfaces') ?? numberIn(path, 'networks') ?? 0;

/** Where on the form the server's field is. The first that fits wins. */
const PLACES: [RegExp, string | ((path: string, form: Form) => string)][] = [
  [/accessCredentials/i, (path) => `secret-${ numberIn(path, 'accessCredentials') ?? 0 }`],
  [/hostDevices/i, (path, { devices }) => `device-${ deviceAt('host', numberIn(path, 'hostDevices') ?? 0, devices) }`],
  [/gpus/i, (path, { devices }) => `device-${ deviceAt('gpu', numberIn(path, 'gpus') ?? 0, devices) }`],
  [/affinity/i, 'rule-0'],
  [/ssh_?authorized|sshKey/i, 'sshkey'],
  [/networkData/i, 'networkdata'],
  [/cloudInit|userData/i, 'userdata'],
  [/maintain-mode/i, 'maintenance'],
  [/nodeSelector/i, 'node'],
  [/runStrategy/i, 'strategy'],
  [/instancetype/i, 'type'],
  [/tpm/i, 'tpm'],
  [/secureBoot|smm/i, 'secureboot'],
  [/firmware|efi\b/i, 'efi'],
  [/imageId|dataSource/i, (path, { disks }) => `image-${ diskAt(path, disks) }`],
  [/storageClass/i, (path, { disks }) => `class-${ diskAt(path, disks) }`],
  [/persistentVolumeClaim|claimName/i, (path, { disks }) => `image-${ diskAt(path, disks) }`],
  [/macAddress/i, (path) => `mac-${ cardAt(path) }`],
  [/interfaces.*\.model/i, (path) => `model-${ cardAt(path) }`],
  [/networks?\b|interfaces/i, (path) => `network-${ cardAt(path) }`],
  [/disks\[\d+\].*bootOrder/i, (path, { disks }) => `order-${ diskAt(path, disks) }`],
  [/disks\[\d+\]/i, (path, { disks }) => `bus-${ diskAt(path, disks) }`],
  [/storage|volumeClaimTemplates|volumes|disks/i, (path, { disks }) => `size-${ diskAt(path, disks) }`],
  [/image/i, 'image-0'],
  [/memory/i, 'memory'],
  [/sockets/i, 'sockets'],
  [/threads/i, 'threads'],
  [/cpu|cores/i, 'cpu'],
  [/metadata\.namespace|^namespace$/i, 'namespace'],
  [/metadata\.name|^name$|hostname/i, 'name'],
];

/** A server's refusal at the field that it names, or above the form. Who has no right is told so by `noRight`: Steve offers him no way. */
export function placed(error: ApiError, form: Form, noRight: string): Refusals {
  if (error.sentence === MAY_NOT) {
    return { all: { key: noRight } };
  }
  if (error.status === 409 && error.code === 'AlreadyExists') {
    return { name: refuse('taken') };
  }

  const place = error.fieldName ? PLACES.find(([pattern]) => pattern.test(error.fieldName))?.[1] : undefined;
  const word = typeof place === 'function' ? place(error.fieldName, form) : place;

  return { [word ?? 'all']: error.sentence };
}
