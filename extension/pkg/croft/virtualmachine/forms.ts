/** What the actions of a machine ask for: the fields of each input, by the names that the site's backend declares. */
import {
  answered, beside, identified, within, words, type Choices
} from '../action/choice';
import {
  choice, name, number, optional, quantity, text, yesNo, type Fields, type Values
} from '../action/form';
import type {
  AddNicInput, AddVolumeInput, BackupInput, EjectCdRomVolumeInput, HotunpluggableNics, InsertCdRomVolumeInput, MigratableNodes, MigrateInput,
  RemoveNicInput, RemoveVolumeInput, ResizeInput, StorageMigrationInput, VirtualMachineCloneInput, VirtualMachineQuotaInput, VirtualMachineRestoreInput,
  VirtualMachineSnapshotInput
} from '../api/actions.generated';
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

const nodes: Choices = answered<MigratableNodes>('findMigratableNodes', (answer) => answer.nodes);
const nics: Choices = answered<HotunpluggableNics>('findHotunpluggableNics', (answer) => answer.interfaces);
const strategies: Choices = words('RerunOnFailure', 'Always', 'Manual', 'Halted');

const migrate: Fields<MigrateInput> = { nodeName: optional(choice(nodes)) };
const addVolume: Fields<AddVolumeInput> = {
  diskName: name(), volumeSourceName: choice(claims), shareable: yesNo()
};
const removeVolume: Fields<RemoveVolumeInput> = { diskName: choice(ownDisks) };
const addNic: Fields<AddNicInput> = {
  interfaceName: name(), networkName: choice(identified(TYPE.networkAttachment)), macAddress: optional(text())
};
const removeNic: Fields<RemoveNicInput> = { interfaceName: choice(nics) };
const insertCdRomVolume: Fields<InsertCdRomVolumeInput> = { DeviceName: choice(within<VirtualMachine>(emptyTrays)), imageName: choice(images) };
const ejectCdRomVolume: Fields<EjectCdRomVolumeInput> = { deviceName: choice(within<VirtualMachine>(filledTrays)) };
const cpuAndMemoryHotplug: Fields<ResizeInput> = { sockets: optional(number(1)), memory: optional(quantity()) };
const clone: Fields<VirtualMachineCloneInput> = { targetVm: name(), runStrategy: optional(choice(strategies)) };
const storageMigration: Fields<StorageMigrationInput> = { sourceVolume: choice(ownClaims), targetVolume: choice(claims) };
const createTemplate: Fields = {
  name: name(), description: optional(text()), withData: yesNo()
};
const backup: Fields<BackupInput> = { name: name(), fsFreezeDeadline: optional(number(1)) };
const snapshot: Fields<VirtualMachineSnapshotInput> = { name: name() };
const restore: Fields<VirtualMachineRestoreInput> = {
  name: name(), backupName: choice(backups), keepMacAddress: yesNo(true), haltAfterRestore: yesNo()
};
const updateResourceQuota: Fields<VirtualMachineQuotaInput> = { totalSnapshotSizeQuota: quantity() };

const FORMS: Partial<Record<string, Fields>> = {
  migrate,
  addVolume,
  removeVolume,
  addNic,
  removeNic,
  insertCdRomVolume,
  ejectCdRomVolume,
  cpuAndMemoryHotplug,
  clone,
  storageMigration,
  createTemplate,
  backup,
  snapshot,
  restore,
  updateResourceQuota,
};

/** What an entry of the menu asks for; nothing where it is done at once. */
export function formOf(entry: Entry | string): Fields | undefined {
  return FORMS[entry];
}

/** Every form, so that a spec can look for the words of its fields. */
export const ALL_FORMS = FORMS;

/** What the form of an entry begins with, where it changes something that the machine has. */
export function knownOf(entry: string, vm: VirtualMachine | undefined): Values {
  const { cpu, memory, resources } = vm?.spec.template.spec.domain ?? {};

  return entry === 'cpuAndMemoryHotplug' ? { sockets: String(cpu?.sockets ?? 1), memory: memory?.guest ?? resources?.limits?.memory ?? '' } : {};
}
