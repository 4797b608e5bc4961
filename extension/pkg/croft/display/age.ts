/** Ages as people read them in a list: one unit, or two where one is too coarse. */

const UNITS: [string, number][] = [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]];

/** How long before `now` the time was: `12s`, `5m`, `3h20m`, `2d4h`, `41d`; empty where there is no time. */
export function age(time: string | undefined | null, now: number): string {
  const then = time ? Date.parse(time) : NaN;

  if (Number.isNaN(then) || then <= 0) {
    return '';
  }

  const seconds = Math.max(0, Math.round((now - then) / 1000));
  const i = UNITS.findIndex(([, size]) => seconds >= size);

  if (i < 0) {
    return '0s';
  }

  const [unit, size] = UNITS[i];
  const whole = Math.floor(seconds / size);
  const next = UNITS[i + 1];
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0;

  return whole < 10 && unit !== 'm' && rest ? `${ whole }${ unit }${ rest }${ next[0] }` : `${ whole }${ unit }`;
}
