import { shared } from './menu';

describe('a reason that entries share', () => {
  it.each([
    ['is told once where many have it', ['No right.', 'Not running.', 'No right.', '', 'No right.'], 'No right.'],
    ['is the one of most of them', ['a', 'b', 'a', 'b', 'a', 'b', 'b'], 'b'],
    ['stands at each where few have it', ['No right.', 'No right.', 'Not running.', ''], ''],
    ['is none where all can be chosen', ['', '', '', ''], ''],
    ['is none in an empty menu', [], ''],
  ])('%s', (_reason, reasons, want) => {
    expect(shared(reasons)).toBe(want);
  });
});
