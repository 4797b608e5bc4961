/** What the test ids of a form's fields begin with: the form says it once, and its fields ask. */
import { inject, provide, type InjectionKey } from 'vue';

const FORM: InjectionKey<string> = Symbol('croft-form');

/** Called by a form that is not the form of a machine. */
export function provideTestId(prefix: string): void {
  provide(FORM, prefix);
}

/** The test id of a field, by its word. */
export function useTestId(): (word: string) => string {
  const prefix = inject(FORM, 'croft-form');

  return (word) => `${ prefix }-${ word }`;
}
