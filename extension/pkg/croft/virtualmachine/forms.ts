/** What the actions of a machine ask for: the fields of each input, by the names that the site's backend declares. */
import {
  answered, beside, identified, within, words, type Choices
} from '../action/choice';
import {
  choice, name, number, optional, quantity, text, yesNo, type Fields
} from '../action/form';
import type { MigratableNodes, MigrateInput } from '../api/actions.generated';
import type { Image } from '../api/image';
import type { VirtualMachine } from '../api/kubevirt';
import { TYPE } from '../api/urls';
import type { Entry } from './actions';
import { disks, emptyTrays, filledTrays } from './machine';

const claims: Choices = beside(TYPE.volume);
const ownDisks: Choices = within<VirtualMachine>((vm) => disks(vm.spec.template.spec).map((disk) => disk.name));
const ownClaims: Choices = within<VirtualMachine>((vm) => disks(vm.spec.template.spec).filter((disk) => disk.kind === 'claim').map((disk) => disk.source));
const images: Choices = identified<Image>(TYPE.image, (image) => image.spec.displayName);
const backups: Choices = beside(TYPE.backup, (backup, machine) => (backup as { spec?: { source?: { name?: string } } }).spec?.source?.name === machine.name);

const migrate: Fields<MigrateInput> = { nodeName: optional(choice(answered<MigratableNodes>('findMigratableNodes', ({ nodes }) => nodes))) };

const FORMS: Partial<Record<string, Fields>> = {
  migrate,
  backup:   { name: name(), fsFreezeDeadline: optional(text()) },
  snapshot: { name: name() },
  restore:  {
    name: name(), backupName: choice(backups), keepMacAddress: yesNo(true), haltAfterRestore: yesNo()
  },
  createTemplate: {
    name: name(), description: optional(text()), withData: yesNo()
  },
  addVolume:    { diskName: name(), volumeSourceName: choice(claims) },
  removeVolume: { diskName: choice(ownDisks) },
  addNic:       {
    interfaceName: name(), networkName: choice(identified(TYPE.networkAttachment)), macAddress: optional(text())
  },
  removeNic:           { interfaceName: choice(answered<{ interfaces: string[] }>('findHotunpluggableNics', ({ interfaces }) => interfaces)) },
  clone:               { targetVm: name(), runStrategy: optional(choice(words('RerunOnFailure', 'Always', 'Manual', 'Halted'))) },
  insertCdRomVolume:   { DeviceName: choice(within<VirtualMachine>(emptyTrays)), imageName: choice(images) },
  ejectCdRomVolume:    { deviceName: choice(within<VirtualMachine>(filledTrays)) },
  cpuAndMemoryHotplug: { sockets: number(1), memory: quantity() },
  storageMigration:    { sourceVolume: choice(ownClaims), targetVolume: choice(claims) },
  updateResourceQuota: { totalSnapshotSizeQuota: quantity() },
};

/** What an entry of the menu asks for; nothing where it is done at once. */
export function formOf(entry: Entry | string): Fields | undefined {
  return FORMS[entry];
}

/** Every form, so that a spec can look for the words of its fields. */
export const ALL_FORMS = FORMS;
