/** The words of what is wrong with a machine's configuration. */
import type { Sentence } from '../display/sentence';

export function refuse(key: string, args?: Record<string, string | number>): Sentence {
  return { key: `croft.guest.error.${ key }`, args };
}
