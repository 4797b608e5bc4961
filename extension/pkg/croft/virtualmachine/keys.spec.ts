import {
  LINE_KEYS, onLine, SCREEN_KEYS, together, typed
} from './keys';

const told = (strokes: { keysym: number; down: boolean }[]) => strokes.map(({ keysym, down }) => `${ down ? '+' : '-' }${ keysym.toString(16) }`).join(' ');

describe('keys', () => {
  it.each([
    ['Ctrl+Alt+Del', '+ffe3 +ffe9 +ffff -ffff -ffe9 -ffe3'],
    ['Ctrl+Alt+F7', '+ffe3 +ffe9 +ffc4 -ffc4 -ffe9 -ffe3'],
    ['Esc', '+ff1b -ff1b'],
  ])('are pressed together and let go in the other order: %s', (name, want) => {
    expect(told(together(SCREEN_KEYS[name]))).toBe(want);
  });

  it.each([
    ['small letters alone', 'a1', ['+61 -61', '+31 -31']],
    ['capitals and signs with shift', 'A~', ['+ffe1 +41 -41 -ffe1', '+ffe1 +7e -7e -ffe1']],
    ['each line end as one Enter', 'a\r\nb\nc', ['+61 -61', '+ff0d -ff0d', '+62 -62', '+ff0d -ff0d', '+63 -63']],
    ['what Latin has', 'é', ['+e9 -e9']],
    ['what it has not, as Unicode', '中😀', ['+1004e2d -1004e2d', '+101f600 -101f600']],
    ['nothing', '', []],
  ])('are typed: %s', (_reason, text, want) => {
    expect(typed(text).map(told)).toStrictEqual(want);
  });

  it('are bytes on a serial line', () => {
    expect(onLine('ls\r\npwd\n')).toBe('ls\rpwd\r');
    expect(LINE_KEYS['Ctrl+C']).toBe('\x03');
  });
});
