/**
 * Keys that a browser keeps for itself, and texts as keys. A screen is told of keys by their X keysyms, as the RFB protocol
 * has it; a serial line is told bytes.
 */

const SHIFT = 0xffe1;
const CTRL = 0xffe3;
const ALT = 0xffe9;
const SUPER = 0xffeb;
const RETURN = 0xff0d;
const TAB = 0xff09;
const ESCAPE = 0xff1b;
const BACKSPACE = 0xff08;
const PRINT = 0xff61;
const DELETE = 0xffff;
const F1 = 0xffbe;

/** One key that goes down or up. */
export interface Stroke {
  keysym: number;
  down: boolean;
}

/** Combinations for a screen, by the words on the keys, in the order of the list. */
export const SCREEN_KEYS: Record<string, number[]> = {
  'Ctrl+Alt+Del':       [CTRL, ALT, DELETE],
  'Ctrl+Alt+Backspace': [CTRL, ALT, BACKSPACE],
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`Ctrl+Alt+F${ n }`, [CTRL, ALT, F1 + n - 1]])),
  'Alt+Tab':            [ALT, TAB],
  'Alt+F4':             [ALT, F1 + 3],
  'Ctrl+W':             [CTRL, 'w'.charCodeAt(0)],
  Super:                [SUPER],
  Print:                [PRINT],
  Esc:                  [ESCAPE],
};

/** The same for a serial line, as what it sends. */
export const LINE_KEYS: Record<string, string> = {
  'Ctrl+C': '\x03', 'Ctrl+D': '\x04', 'Ctrl+W': '\x17', 'Ctrl+Z': '\x1a', 'Ctrl+T': '\x14', 'Ctrl+N': '\x0e', 'Ctrl+]': '\x1d', Esc: '\x1b'
};

/** All down in their order, and up in the other. */
export function together(keysyms: number[]): Stroke[] {
  return [
    ...keysyms.map((keysym) => ({ keysym, down: true })),
    ...[...keysyms].reverse().map((keysym) => ({ keysym, down: false })),
  ];
}

/** What is typed with shift on a keyboard of the United States, by which QEMU reads keysyms. */
const SHIFTED = /[A-Z~!@#$%^&*()_+{}|:"<>?]/;
const LATIN_1 = 0xff;
const UNICODE = 0x01000000;

function keysymOf(letter: string): number {
  if (letter === '\n') {
    return RETURN;
  }
  if (letter === '\t') {
    return TAB;
  }

  const code = letter.codePointAt(0) ?? 0;

  return code > LATIN_1 ? UNICODE + code : code;
}

/** A text as it would be typed, a letter at a time. Line ends of any system are one Enter. */
export function typed(text: string): Stroke[][] {
  return [...text.replace(/\r\n?/g, '\n')].map((letter) => together([...(SHIFTED.test(letter) ? [SHIFT] : []), keysymOf(letter)]));
}

/** A text for a serial line: a terminal's Enter is a carriage return. */
export function onLine(text: string): string {
  return text.replace(/\r?\n/g, '\r');
}
