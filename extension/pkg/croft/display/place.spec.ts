import { place, visible } from './place';

const VIEW = { width: 1280, height: 800 };

describe('place', () => {
  it.each([
    ['below its button, right edges together', {
      top: 100, bottom: 120, right: 1250
    }, { width: 200, height: 300 }, { left: 1050, top: 124 }],
    ['above where it does not fit below', {
      top: 600, bottom: 620, right: 1250
    }, { width: 200, height: 300 }, { left: 1050, top: 296 }],
    ['at the lower edge where it fits neither way', {
      top: 400, bottom: 420, right: 1250
    }, { width: 200, height: 500 }, { left: 1050, top: 292 }],
    ['from the top where it is as high as the window', {
      top: 400, bottom: 420, right: 1250
    }, { width: 200, height: 784 }, { left: 1050, top: 8 }],
    ['inside the left edge', {
      top: 100, bottom: 120, right: 60
    }, { width: 200, height: 300 }, { left: 8, top: 124 }],
    ['inside the right edge', {
      top: 100, bottom: 120, right: 1280
    }, { width: 200, height: 300 }, { left: 1072, top: 124 }],
  ])('%s', (_reason, button, menu, want) => {
    expect(place(button, menu, VIEW)).toStrictEqual(want);
  });
});

describe('visible', () => {
  it.each([
    ['inside', 100, 120, true],
    ['half above', -10, 10, true],
    ['above', -20, 0, false],
    ['below', 800, 820, false],
  ])('%s', (_where, top, bottom, want) => {
    expect(visible({
      top, bottom, right: 1250
    }, VIEW)).toBe(want);
  });
});
