/** Amounts as a machine's form has them: GiB, in steps of a mebibyte. */
import { parse } from '../../display/quantity';

const GIB = 2 ** 30;

export function mebibytes(gib: number): number {
  return Math.round(gib * 1024);
}

/** A quantity without a fraction: 1.5 GiB is 1536Mi. */
export function quantityOf(gib: number): string {
  return Number.isInteger(gib) ? `${ gib }Gi` : `${ mebibytes(gib) }Mi`;
}

/** GiB of a quantity; NaN where it is none. */
export function gibOf(quantity: string | undefined): number {
  return parse(quantity) / GIB;
}
