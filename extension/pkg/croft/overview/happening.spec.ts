import type { Site } from '../api/fleet';
import {
  asked, latest, SHOWN, urlOf, type SteveEvent
} from './happening';

const site = (id: string, machines: number, connected = true): Site => ({
  id, name: id, metadata: { name: id }, machines, conditions: [{ type: 'Connected', status: connected ? 'True' : 'False' }]
});
const event = (name: string, lastTimestamp: string, change: Partial<SteveEvent> = {}): SteveEvent => ({
  metadata: { name, namespace: 'default' }, lastTimestamp, ...change
});

describe('what has happened', () => {
  it('is asked of sites that are there, and of those with most machines', () => {
    expect(asked([site('few', 1), site('away', 9, false), site('many', 5)]).map(({ id }) => id)).toStrictEqual(['many', 'few']);
    expect(asked(Array.from({ length: 100 }, (_, i) => site(`s${ i }`, i)))).toHaveLength(12);
    expect(decodeURIComponent(urlOf(site('c', 1)))).toContain('/k8s/clusters/c/v1/harvester/event?page=1&pagesize=12&sort=-metadata.creationTimestamp&filter=involvedObject.kind~VirtualMachine');
  });

  it('stands with the latest of all sites first', () => {
    const found = latest([
      {
        site:   site('a', 1),
        events: [event('x', '2026-03-01T10:00:00Z'), event('y', '2026-03-01T12:00:00Z', {
          _type: 'Warning', reason: 'Failed', message: 'no room', involvedObject: { namespace: 'default', name: 'web' }
        })]
      },
      { site: site('b', 1), events: [event('z', '2026-03-01T11:00:00Z')] },
    ]);

    expect(found.map(({ key }) => key)).toStrictEqual(['a/default/y', 'b/default/z', 'a/default/x']);
    expect(found[0]).toMatchObject({
      site: 'a', warning: true, what: 'default/web', reason: 'Failed', message: 'no room'
    });
    expect(found[1]).toMatchObject({
      warning: false, what: '', message: ''
    });
  });

  it('is no more than one reads', () => {
    expect(latest([{ site: site('a', 1), events: Array.from({ length: 30 }, (_, i) => event(`e${ i }`, '')) }])).toHaveLength(SHOWN);
  });
});
