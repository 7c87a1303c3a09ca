import type { Fault } from '../../src/sandbox/faults.ts';
import { openField, type Verdict } from './field.ts';
import { portion, table, type Proof } from './proof.ts';

/** The quiet time of 90 s becomes 3 s, so that a busy machine does not make late what is in time. */
const CLOCK_SCALE = 30;

/** About half of all starts: the connection ends at once, the server carries them out after a while. */
const LATE: readonly Fault[] = [100, 400, 1_000].map((ms) => ({
  endpoint: 'start',
  probability: 0.2,
  kind: 'execute_late',
  ms,
}));

/**
 * Lets a server that charges every start carry out half of them after the client's connection has
 * ended, within the quiet time.
 *
 * @param options.quietMs what the client takes for the quiet time; 0 is the control
 */
export async function proveLate(options: {
  readonly seed: number;
  readonly clips: number;
  readonly quietMs: number;
}): Promise<Verdict & { readonly starts: number }> {
  const { seed, clips, quietMs } = options;
  const field = await openField('rbgv', { faults: LATE, seed });
  try {
    const folder = await field.folder(clips);
    await field.run({ folders: [folder], clockScale: CLOCK_SCALE, concurrency: 64, quietMs });
    return { ...(await field.judge()), starts: field.sandbox.requests().start };
  } finally {
    await field.close();
  }
}

export const lateProof: Proof = {
  heading: 'Late starts',
  async run(seed, share) {
    const clips = portion(2_000, share);
    const quiet = await proveLate({ seed, clips, quietMs: 90_000 });
    const control = await proveLate({ seed, clips, quietMs: 0 });
    const row = (name: string, v: Awaited<ReturnType<typeof proveLate>>): readonly string[] => [
      name,
      ...[v.clips, v.starts, v.charges].map(String),
      ...[v.doubleCharges, v.lost, v.corrupt].map((count) => `**${count}**`),
    ];
    const text = `\`npm run prove:late -- --seed ${seed}\`. The server ends the connection of about half of all starts and carries them
out up to ${(1_000 * CLOCK_SCALE) / 1_000} s later on the client's clock; it charges every start, the second of a job too. rbgv's quiet time
is 90 s; the control has none.

${table(
  ['quiet time', 'clips', 'starts sent', 'charges', 'double', 'lost', 'corrupt'],
  [row('90 s', quiet), row('control: none', control)],
)}`;
    const kept = quiet.doubleCharges + quiet.lost + quiet.corrupt === 0;
    return { holds: kept && control.doubleCharges > 0, text };
  },
};
