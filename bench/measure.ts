import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';

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
function markdown(rows: readonly Row[]): string {
  return [
    '| what | figure | against | ratio |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ what, figure, against, ratio }) => `| ${what} | ${figure} | ${against} | ${ratio} |`,
    ),
  ].join('\n');
}

const REPORT = join(import.meta.dirname, 'RESULTS.md');
const HEAD =
  '# Benchmarks\n\nWritten by `npm run bench` and `npm run bench:scale`; both sides of each ratio are measured in the same run.';

/** Puts rows under a title of `bench/RESULTS.md`, in the place of those that it held; the others stay. */
export async function report(title: string, rows: readonly Row[]): Promise<void> {
  const where = `${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`;
  const section = `${title}\n\n${where}\n\n${markdown(rows)}`;
  const [, ...before] = (await readFile(REPORT, 'utf8')).trimEnd().split('\n\n## ');
  const others = before.filter((one) => !one.startsWith(`${title}\n`));
  await writeFile(REPORT, `${[HEAD, ...[section, ...others].sort()].join('\n\n## ')}\n`);
  console.log(section);
}
