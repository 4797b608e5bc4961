/** When the changes of a machine that runs take effect: at once, when it moves to another node, or when it starts again. */
import type { Field, Form } from './form';
import { changed } from './object';

export type When = 'now' | 'move' | 'restart';

const NOW: Field[] = ['description', 'runStrategy', 'maintenance'];
const AT_MOVE: Field[] = ['node'];

/** Whether the disks differ in nothing but that some are larger. */
function isGrown(before: Form, after: Form): boolean {
  return JSON.stringify(before.disks.map(({ size: _, ...disk }) => disk)) === JSON.stringify(after.disks.map(({ size: _, ...disk }) => disk));
}

function whenOf(field: Field, before: Form, after: Form): When {
  if (NOW.includes(field) || (field === 'disks' && isGrown(before, after))) {
    return 'now';
  }

  return AT_MOVE.includes(field) ? 'move' : 'restart';
}

/** The fields that were changed, by when that takes effect in a machine that runs. */
export function effects(before: Form, after: Form): Record<When, Field[]> {
  const found: Record<When, Field[]> = {
    now: [], move: [], restart: []
  };

  for (const field of changed(before, after)) {
    found[whenOf(field, before, after)].push(field);
  }

  return found;
}

/** What was changed on the form, put onto what the machine has become meanwhile. */
export function rebased(before: Form, after: Form, now: Form): Form {
  return { ...now, ...Object.fromEntries(changed(before, after).map((field) => [field, after[field]])) };
}
