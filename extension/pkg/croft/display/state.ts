/** The colour of a state, as the dashboard's badges name colours. */

const COLOURS: [RegExp, string][] = [
  [/error|fail|unschedulable|crash|lost|unknown|away|refused|unreachable|unavailable|notready/i, 'bg-error'],
  [/running|ready|active|connected|imported|succeeded|completed|allowed|bound|in-use/i, 'bg-success'],
  [/stopped|paused|halted|off|skipped|cancelled|cordoned|^maintenance/i, 'bg-darker'],
  [/ing$|waiting|pending/i, 'bg-info'],
];

export function colour(state: string, stale = false): string {
  if (stale) {
    return 'bg-darker';
  }

  return COLOURS.find(([pattern]) => pattern.test(state))?.[1] ?? 'bg-info';
}
