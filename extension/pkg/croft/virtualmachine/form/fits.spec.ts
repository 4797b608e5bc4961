import { NOTHING } from '../../machine-config/offer';
import { saidOf } from './fits';
import { EMPTY, type Form } from './form';
import type { Offer } from './useOffer';

const GIB = 2 ** 30;
const offer = (change: Partial<Offer> = {}): Offer => ({
  ...NOTHING, asked: true, ...change
});
const form = (change: Partial<Form> = {}): Form => ({
  ...EMPTY, memory: 4, ...change
});
const room = (name: string, memory: number) => ({
  name, cpu: 8, memory: memory * GIB, pins: false, devices: {}
});
const shares = [{ metadata: { name: 'little' }, status: { hard: { 'limits.memory': '5Gi' }, used: { 'limits.memory': '0' } } }];

describe('how many fit', () => {
  it.each<[string, Form, Offer, string[] | undefined, boolean | undefined]>([
    ['nothing is known', form(), offer(), undefined, undefined],
    ['the size is none', form({ memory: NaN }), offer({ rooms: [room('a', 64)] }), undefined, undefined],
    ['its instance type is not known', form({ instanceType: 'small' }), offer({ rooms: [room('a', 64)] }), undefined, undefined],
    ['there is room', form(), offer({ rooms: [room('a', 64)] }), ['croft.guest.fit.some'], true],
    ['there is none', form(), offer({ rooms: [room('a', 1)] }), ['croft.guest.fit.none'], false],
    ['there is none on the node that it is to run on', form({ node: 'b' }), offer({ rooms: [room('a', 64), room('b', 1)] }), ['croft.guest.fit.none'], false],
    ['there is room for some of them', form({ count: 3 }), offer({ rooms: [room('a', 8)] }), ['croft.guest.fit.some', 'croft.form.tooMany'], false],
    ['the namespace has a limit', form({ count: 2 }), offer({ rooms: [room('a', 64)], shares }), ['croft.guest.fit.some', 'croft.form.tooMany'], false],
    ['nodes are not told, and the namespace has enough', form(), offer({ shares }), undefined, undefined],
    ['nodes are not told, and the namespace has too little', form({ count: 2 }), offer({ shares }), ['croft.form.share'], false],
  ])('%s', (_reason, wanted, site, keys, enough) => {
    const said = saidOf(wanted, site);

    expect([said?.sentences.map((sentence) => (sentence as { key: string }).key), said?.enough]).toStrictEqual([keys, enough]);
  });
});
