/** Versions of templates as a form of machines lists them, and the machine that it is filled with. */
import type { Option } from '../action/choice';
import type { VirtualMachine } from '../api/kubevirt';
import type { Translate } from '../display/sentence';
import { machineOf } from './machine';
import { newestFirst, type Version } from './template';

/** By their templates, the newest first. One that has no machine, or whose disks are not copied yet, cannot be chosen. */
export function versionOptions(versions: Version[], t: Translate): Option[] {
  return newestFirst(versions).sort((a, b) => a.spec.templateId.localeCompare(b.spec.templateId)).map(({ metadata, spec, status }) => {
    const waiting = status?.conditions?.find(({ type, status: is }) => type === 'ready' && is === 'False');
    const label = t('croft.form.version', { template: spec.templateId, version: status?.version ?? '' }, true);

    return {
      value: `${ metadata.namespace }/${ metadata.name }`, label: [label, spec.description, waiting?.message].filter(Boolean).join(', '), disabled: !!waiting || !spec.vm?.spec
    };
  });
}

/** A machine of the version that has no name yet, and is nowhere. */
export function likeOf(version: Version): VirtualMachine | undefined {
  return machineOf(version, {
    namespace: '', name: '', image: '', keys: [], random: ''
  });
}
