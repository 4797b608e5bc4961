/** A short suffix of letters and digits that Kubernetes takes in a name. */
export function suffix(length = 5): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  const bytes = crypto.getRandomValues(new Uint8Array(length));

  return [...bytes].map((b) => alphabet[b % alphabet.length]).join('');
}
