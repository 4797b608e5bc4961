/** Several machines of one form: their names, and what is left to be made when one is refused. */
import type { Sentence } from '../../display/sentence';

/** The name of the nth of some machines, from 1 on; of one alone the name itself. */
export function suffixed(name: string, n: number, count: number): string {
  return count > 1 ? `${ name }-${ String(n).padStart(Math.max(2, String(count).length), '0') }` : name;
}

export function namesOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => suffixed(name, i + 1, count));
}

/** What is said where some are made and one was refused. */
export function unlessAll(names: string[], made: string[]): Sentence {
  return {
    key:  'croft.form.several',
    args: {
      made: made.length, count: names.length, next: names.find((name) => !made.includes(name)) ?? ''
    }
  };
}
