import { sizeOf } from './snapshot';

describe('a snapshot', () => {
  it.each([
    ['not taken yet', undefined, ''],
    ['taken', { restoreSize: '1536Mi' }, '1.5 GiB'],
  ])('has a size when it is %s', (_reason, status, want) => {
    expect(sizeOf({
      metadata: { name: 's' }, spec: {}, status
    })).toBe(want);
  });
});
