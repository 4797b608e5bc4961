/** When the changes of a machine that runs take effect: at once, when it moves to another node, or when it starts again. */
import type { Field, Form } from './form';
import { changed } from './object';

export type When = 'now' | 'move' | 'restart';

const NOW: Field[] = ['description', 'runStrategy', 'maintenance'];
const AT_MOVE: Field[] = ['node', 'rules'];

/** Whether the disks differ in nothing but that some are larger, and that some come or go that can while the machine runs. */
function isLive(before: Form, after: Form): boolean {
  const stays = (form: Form, other: Form) => form.disks.filter(({ name, pluggable }) => !pluggable || other.disks.some((disk) => disk.name === name)).map(({ size: _, ...disk }) => disk);

  return JSON.stringify(stays(before, after)) === JSON.stringify(stays(after, before));
}

function whenOf(field: Field, before: Form, after: Form): When {
  if (NOW.includes(field) || (field === 'disks' && isLive(before, after))) {
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
