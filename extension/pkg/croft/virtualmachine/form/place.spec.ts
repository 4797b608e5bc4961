import type { Site } from '../../api/fleet';
import { EMPTY } from './form';
import { place, type Wish } from './place';
import { wishOf } from './usePlace';

const GIB = 2 ** 30;
const site = (name: string, free: number, change: Partial<Site> = {}): Site => ({
  metadata: { name }, id: `c-${ name }`, name, conditions: [{ type: 'Connected', status: 'True' }], cpu: { capacity: 8, requested: 8 }, memory: { capacity: 32 * GIB, requested: (32 - free) * GIB }, ...change
});
const wish = (change: Partial<Wish> = {}): Wish => ({
  cpu: 2, memory: 4 * GIB, things: {}, ...change
});
const keys = (sentences: unknown[]) => sentences.map((sentence) => (sentence as { key: string }).key.replace('croft.form.place.', ''));

describe('where it fits', () => {
  it.each<[string, Site[], Wish, Record<string, string[]>, string | undefined, string, string[]]>([
    ['at the site with the most memory free', [site('a', 8), site('b', 16)], wish(), {}, 'c-b', 'chosen', ['less']],
    ['not at one that is away', [site('a', 8), site('b', 16, { conditions: [{ type: 'Connected', status: 'False' }] })], wish(), {}, 'c-a', 'chosen', ['away']],
    ['not at one with too little memory', [site('a', 2), site('b', 3)], wish(), {}, undefined, 'nowhere', ['memory', 'memory']],
    ['not at one with fewer processors than are wanted', [site('a', 8)], wish({ cpu: 9 }), {}, undefined, 'nowhere', ['cpu']],
    ['not at one without the image', [site('a', 8), site('b', 16)], wish({ things: { image: ['default/tiny'] } }), { 'image/default/tiny': ['c-a'] }, 'c-a', 'chosen', ['image']],
    ['anywhere, where nobody knows who has it', [site('a', 8)], wish({ things: { image: ['default/tiny'] } }), {}, 'c-a', 'chosen', []],
    ['at one that does not say what it has, if no other', [site('a', 1), site('b', 0, { memory: undefined, cpu: undefined })], wish(), {}, 'c-b', 'chosenUnknown', ['memory']],
    ['of equals at the first by name', [site('b', 8), site('a', 8)], wish(), {}, 'c-a', 'chosen', ['less']],
  ])('%s', (_reason, sites, wanted, havers, want, reason, others) => {
    const got = place(sites, wanted, havers);

    expect([got.site, keys([got.reason]), keys(got.others)]).toStrictEqual([want, [reason], others]);
  });

  it('is asked for all machines of the form, and what they name', () => {
    expect(wishOf({
      ...EMPTY,
      count:  3,
      cores:  2,
      memory: 1.5,
      disks:  [{
        ...EMPTY.disks[0], imageName: 'default/tiny', storageClassName: 'fast'
      }, EMPTY.disks[0]]
    })).toStrictEqual({
      cpu:    6,
      memory: 4.5 * GIB,
      things: {
        image: ['default/tiny'], network: [], class: ['fast']
      }
    });
    expect(wishOf({ ...EMPTY, instanceType: 'small' })).toMatchObject({ cpu: 0, memory: 0 });
  });
});
