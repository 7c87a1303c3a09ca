import { execa } from 'execa';

import { median, timed, type Row } from './measure.ts';

const RUNS = 15;

/** Start-up of the built program against a bare node, turn by turn so that both see the same machine. */
export async function benchStartup(): Promise<readonly Row[]> {
  const measure = async (args: readonly string[]): Promise<readonly [number, number]> => {
    const bare: number[] = [];
    const ours: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      bare.push(await timed(() => execa('node', ['-e', '0'])));
      ours.push(await timed(() => execa('node', ['bin/rbgv.js', ...args])));
    }
    return [median(ours), median(bare)];
  };
  const rows: Row[] = [];
  for (const args of [['--version'], ['--help']]) {
    const [ours, bare] = await measure(args);
    rows.push({
      what: `start-up of \`rbgv ${args.join(' ')}\``,
      figure: `${ours.toFixed(0)} ms`,
      against: `\`node -e 0\`: ${bare.toFixed(0)} ms`,
      ratio: `+${(ours - bare).toFixed(0)} ms`,
    });
  }
  return rows;
}
