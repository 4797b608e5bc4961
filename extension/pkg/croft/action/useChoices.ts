/** The options of a form's choices, asked of the site once, when the form opens. */
import { shallowReactive } from 'vue';
import { sentenceOf } from '../api/client';
import type { Sentence } from '../display/sentence';
import type { Option } from './choice';
import type { Fields } from './form';
import type { Subject } from './target';

export interface Told {
  /** Absent while they are being asked for. */
  options?: Option[];
  /** Why there are none to choose from: the field is then typed. */
  failure?: Sentence;
}

export function useChoices(fields: Fields, subject: Subject): Record<string, Told> {
  const told = shallowReactive<Record<string, Told>>({});

  Object.entries(fields).forEach(async([field, { choices }]) => {
    if (!choices) {
      return;
    }
    told[field] = {};
    try {
      told[field] = { options: await choices(subject) };
    } catch (e) {
      told[field] = { failure: sentenceOf(e) };
    }
  });

  return told;
}
