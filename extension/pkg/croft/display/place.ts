/** Where a menu goes: below its button where it fits, else above, and always inside the window. */

export interface Box {
  top: number;
  bottom: number;
  right: number;
}

export interface Size {
  width: number;
  height: number;
}

const GAP = 4;
const EDGE = 8;

export function place(button: Box, menu: Size, view: Size): { left: number; top: number } {
  const below = button.bottom + GAP;
  const above = button.top - GAP - menu.height;
  const lowest = view.height - EDGE - menu.height;
  const left = Math.max(EDGE, Math.min(button.right - menu.width, view.width - EDGE - menu.width));

  if (below <= lowest) {
    return { left, top: below };
  }

  return { left, top: above >= EDGE ? above : Math.max(EDGE, lowest) };
}

/** Whether something of a button can be seen. */
export function visible(button: Box, view: Size): boolean {
  return button.bottom > 0 && button.top < view.height;
}
