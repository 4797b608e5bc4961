/** The networks of a form's choice. */
import { plain, type Option } from '../action/choice';
import type { Translate } from '../display/sentence';

/** The network that every site has, and those of its own. */
export function networkOptions(networks: string[], t: Translate): Option[] {
  return [{ value: '', label: t('croft.form.podNetwork') }, ...networks.map(plain)];
}
