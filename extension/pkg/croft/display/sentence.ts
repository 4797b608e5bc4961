/** What a page says: words of a server as they are, or words of our own by their key. */
export type Sentence = { text: string } | { key: string; args?: Record<string, string | number | Sentence> };

/** The dashboard's translator, as components have it. */
export type Translate = (key: string, args?: Record<string, unknown>, raw?: boolean) => string;

export function say(t: Translate, sentence: Sentence): string {
  if ('text' in sentence) {
    return sentence.text;
  }

  const args = Object.entries(sentence.args ?? {}).map(([name, value]) => [name, typeof value === 'object' ? say(t, value) : value]);

  return t(sentence.key, Object.fromEntries(args), true);
}
