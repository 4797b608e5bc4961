/** Bytes and Kubernetes quantities, both ways. */

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const FACTOR: Record<string, number> = {
  '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50
};

/** `2147483648` as `2 GiB`. */
export function bytes(n: number | undefined): string {
  if (!n || n < 0) {
    return '0 B';
  }

  const power = Math.min(Math.max(Math.floor(Math.log2(n) / 10), 0), BINARY.length - 1); // what is less than one byte is bytes too
  const value = n / 2 ** (10 * power);

  return `${ value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1) } ${ BINARY[power] }`;
}

/** `2Gi` as 2147483648, `500m` as 0.5; NaN where it is no quantity. */
export function parse(quantity: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(quantity ?? '');

  return match ? Number(match[1]) * FACTOR[match[2] ?? ''] : NaN;
}
