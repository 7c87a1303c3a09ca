/** The middle one of several figures: a single slow run does not decide. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Wall time of some work, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** One line of the report: a figure, what it is measured against in the same run, and the ratio. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly against: string;
  readonly ratio: string;
}

/** The rows as a Markdown table. */
export function markdown(rows: readonly Row[]): string {
  return [
    '| what | figure | against | ratio |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ what, figure, against, ratio }) => `| ${what} | ${figure} | ${against} | ${ratio} |`,
    ),
  ].join('\n');
}
