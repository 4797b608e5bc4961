/** The YAML beside the form: what is written into it, and what it says of the form. */
import jsyaml from 'js-yaml';
import type { VirtualMachine } from '../../api/kubevirt';
import type { Sentence } from '../../display/sentence';

/** A machine of a text, or why the text is none. */
export function parsed(text: string): { machine?: VirtualMachine; wrong?: Sentence } {
  try {
    const value = jsyaml.load(text) as Partial<VirtualMachine> | null;
    const whole = value && typeof value === 'object' && value.metadata && value.spec?.template?.spec?.domain?.devices;

    if (!whole || value.kind !== 'VirtualMachine') {
      return { wrong: { key: 'croft.form.error.yaml' } };
    }

    JSON.parse(value.metadata?.annotations?.['harvesterhci.io/volumeClaimTemplates'] || '[]');

    return { machine: { type: 'kubevirt.io.virtualmachine', ...value } as VirtualMachine };
  } catch (e) {
    return { wrong: { key: 'croft.form.error.cloudConfigYaml', args: { message: e instanceof Error ? e.message.split('\n')[0] : String(e) } } };
  }
}
