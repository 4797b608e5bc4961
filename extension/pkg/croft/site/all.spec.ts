import * as client from '../api/client';
import { allSites } from './all';

describe('allSites', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['no site at all', 0],
    ['more than the hub’s own page', 101],
    ['more than its largest', 2_500],
  ])('has them all: %s', async(_reason, count) => {
    const request = jest.spyOn(client, 'request').mockImplementation((url) => {
      const query = new URL(url, 'https://hub').searchParams;
      const [page, size] = [Number(query.get('page')), Number(query.get('pagesize'))];
      const ids = Array.from({ length: count }, (_, i) => ({ id: `c-m-${ i }` })).slice((page - 1) * size, page * size);

      return Promise.resolve({
        data: ids, count, pages: Math.ceil(count / size)
      });
    });
    const sites = await allSites();

    expect(sites).toHaveLength(count);
    expect(new Set(sites.map((s) => s.id)).size).toBe(count);
    expect(request.mock.calls.every(([url]) => url.startsWith('/v1/croft/sites?'))).toBe(true);
  });
});
