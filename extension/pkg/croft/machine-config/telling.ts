/** What the form says of how many machines fit. */
import type { Sentence } from '../display/sentence';
import type { Fit } from './fit';

const THINGS = ['cpu', 'memory', 'pinning', 'nodes'];

/** What runs out, in words; a device and a limit are called what they are. */
function thing(by: string): Sentence {
  return THINGS.includes(by) ? { key: `croft.guest.thing.${ by }` } : { text: by };
}

/** How many fit, and what runs out first. */
export function told({ count, nodes, by }: Fit): Sentence {
  if (!count) {
    return { key: 'croft.guest.fit.none', args: { thing: thing(by) } };
  }

  const where = nodes.map(({ name, count: here }) => `${ name } ${ here }`).join(', ');

  return {
    key:  'croft.guest.fit.some',
    args: {
      count, where, thing: thing(by)
    }
  };
}

/** That more are wanted than fit, if they are. */
export function unlessEnough({ count }: Fit, wanted: number): Sentence | undefined {
  return wanted > count ? { key: 'croft.guest.fit.tooMany', args: { wanted, count } } : undefined;
}
