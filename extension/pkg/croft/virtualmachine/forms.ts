/** What the actions of a machine ask for: the fields of each input, by the names that the site's backend declares. */
import {
  answered, beside, identified, within, words, type Choices
} from '../action/choice';
import {
  choice, name, number, optional, quantity, text, yesNo, type Fields, type Values
} from '../action/form';
import type {
  BackupInput, CloneInput, MigratableNodes, MigrateInput, RestoreInput, SnapshotInput, StorageMigrationInput
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
const nics: Choices = answered<{ interfaces: string[] }>('findHotunpluggableNics', (answer) => answer.interfaces);

const FORMS: Partial<Record<string, Fields>> = {
  migrate:  { nodeName: optional(choice(nodes)) } satisfies Fields<MigrateInput>,
  clone:    { targetVm: name(), runStrategy: optional(choice(words('RerunOnFailure', 'Always', 'Manual', 'Halted'))) } satisfies Fields<CloneInput>,
  backup:   { name: name(), fsFreezeDeadline: optional(number(1)) } satisfies Fields<BackupInput>,
  snapshot: { name: name() } satisfies Fields<SnapshotInput>,
  restore:  {
    name: name(), backupName: choice(backups), keepMacAddress: yesNo(true), haltAfterRestore: yesNo()
  } satisfies Fields<RestoreInput>,
  createTemplate: {
    name: name(), description: optional(text()), withData: yesNo()
  },
  addVolume: {
    diskName: name(), volumeSourceName: choice(claims), shareable: yesNo()
  },
  removeVolume: { diskName: choice(ownDisks) },
  addNic:       {
    interfaceName: name(), networkName: choice(identified(TYPE.networkAttachment)), macAddress: optional(text())
  },
  removeNic: { interfaceName: choice(nics) },

  insertCdRomVolume:   { DeviceName: choice(within<VirtualMachine>(emptyTrays)), imageName: choice(images) },
  ejectCdRomVolume:    { deviceName: choice(within<VirtualMachine>(filledTrays)) },
  cpuAndMemoryHotplug: { sockets: optional(number(1)), memory: optional(quantity()) },
  storageMigration:    { sourceVolume: choice(ownClaims), targetVolume: choice(claims) } satisfies Fields<StorageMigrationInput>,
  updateResourceQuota: { totalSnapshotSizeQuota: quantity() },
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
