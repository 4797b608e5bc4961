/** What the fields of a machine's form are called. */
import type { Field } from './form';

export const LABELS: Record<Field, string> = {
  site:         'croft.form.site',
  namespace:    'croft.form.namespace',
  name:         'croft.form.name',
  count:        'croft.form.count',
  description:  'croft.guest.field.vmDescription',
  instanceType: 'croft.guest.field.instanceType',
  cores:        'croft.form.cpu',
  sockets:      'croft.form.sockets',
  threads:      'croft.form.threads',
  memory:       'croft.form.memory',
  disks:        'croft.guest.part.disks',
  cards:        'croft.guest.part.cards',
  keys:         'croft.form.keys',
  sshKey:       'croft.form.sshKey',
  userData:     'croft.form.userData',
  networkData:  'croft.guest.field.networkData',
  efi:          'croft.guest.field.enableEfi',
  secureBoot:   'croft.guest.field.enableSecureBoot',
  tpm:          'croft.guest.field.enableTpm',
  runStrategy:  'croft.form.runStrategy',
  node:         'croft.form.node',
  maintenance:  'croft.form.maintenance',
};
