/** The way to say a sentence in the reader's language. */
import { useStore } from 'vuex';
import { useI18n } from '@shell/composables/useI18n';
import { say, type Sentence } from './sentence';

export function useSay(): (sentence: Sentence) => string {
  // The translator that templates have cannot be handed on: it wants its component.
  const { t } = useI18n(useStore());

  return (sentence) => say(t, sentence);
}
