/** Numbers as a form's fields hold them: an emptied field is no number, and not the number 0. */

export function numberOf(text: string | number): number {
  return String(text).trim() === '' ? NaN : Number(text);
}

/** What the field of a number shows. */
export function shown(n: number): number | '' {
  return Number.isNaN(n) ? '' : n;
}
