/** What a page says: words of a server as they are, or words of our own by their key. */
export type Sentence = { text: string } | { key: string; args?: Record<string, string | number> };

/** The dashboard's translator, as components have it. */
export type Translate = (key: string, args?: Record<string, unknown>, raw?: boolean) => string;

export function say(t: Translate, sentence: Sentence): string {
  return 'text' in sentence ? sentence.text : t(sentence.key, sentence.args, true);
}
