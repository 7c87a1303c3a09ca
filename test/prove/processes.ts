import PQueue from 'p-queue';

import { systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/sandbox/faults/seededRandom.ts';
import { openField, type Field, type Order, type Verdict } from './field.ts';
import type { ClientReport } from './order.ts';
import { portion, table, type Proof } from './proof.ts';

export interface ProcessesVerdict extends Verdict {
  /** Rounds of two processes at one clip; in each, one worked it. */
  readonly rounds: number;
  /** The other was turned away with exit code 7. */
  readonly refused: number;
  /** The other came when the output was there. */
  readonly tooLate: number;
  /** Neither: there must be none. */
  readonly odd: number;
  /** Rounds of two processes at one ledger and different clips, in which both finished theirs. */
  readonly sideBySide: number;
  /** Stopped processes that kept their clip from a second one, and finished it when they went on. */
  readonly keptWhileStopped: number;
  /** Killed processes whose clip a second one finished at once. */
  readonly takenOver: number;
}

/** Slow enough that the second process comes while the first is at work. */
const PACE = { clockScale: 10, concurrency: 4 } as const;

/** Lets processes meet at the same ledger, again and again. */
export async function proveProcesses(options: {
  readonly seed: number;
  readonly rounds: number;
}): Promise<ProcessesVerdict> {
  const { seed, rounds } = options;
  const field = await openField('rbgv', { seed });
  const count = { refused: 0, tooLate: 0, odd: 0 };
  let sideBySide = 0;
  let keptWhileStopped = 0;
  let takenOver = 0;
  try {
    const pool = new PQueue({ concurrency: 2 });
    const together = async (): Promise<void> => {
      const order = await orderFor(field, 1);
      const codes = await Promise.all([order, order].map((same) => codeOf(field, same)));
      const [low, high] = codes.sort((a, b) => a - b);
      count[low !== 0 ? 'odd' : high === 7 ? 'refused' : high === 0 ? 'tooLate' : 'odd'] += 1;
    };
    await pool.addAll(Array.from({ length: rounds }, () => together));

    // The rest is one at a time: each waits for a sign of the server's that the first is at work.
    for (let round = 0; round < Math.ceil(rounds / 10); round += 1) {
      const order = await orderFor(field, 4);
      const halves = [0, 2].map((from) => ({ ...order, clips: [from, from + 2] as const }));
      const codes = await Promise.all(halves.map((half) => codeOf(field, half)));
      if (codes.every((code) => code === 0)) sideBySide += 1;

      const stopped = await orderFor(field, 1);
      const { child: first } = await atWork(field, stopped, seededRandom(seed, round, 1));
      first.kill('SIGSTOP');
      const refused = await codeOf(field, stopped);
      first.kill('SIGCONT');
      const { exitCode } = JSON.parse((await first).stdout) as ClientReport;
      if (refused === 7 && exitCode === 0) keptWhileStopped += 1;

      const killed = await orderFor(field, 1);
      const { child: victim } = await atWork(field, killed, seededRandom(seed, round, 2));
      victim.kill('SIGKILL');
      await victim;
      if ((await codeOf(field, killed)) === 0) takenOver += 1;
    }
    const verdict = await field.judge();
    return { ...verdict, rounds, ...count, sideBySide, keptWhileStopped, takenOver };
  } finally {
    await field.close();
  }
}

async function orderFor(field: Field, clips: number): Promise<Order> {
  return { ...PACE, folders: [await field.folder(clips)] };
}

async function codeOf(field: Field, order: Order): Promise<number> {
  return (await field.run(order)).exitCode;
}

/** A process whose start the server has seen, a drawn while later: before its first question. */
async function atWork(
  field: Field,
  order: Order,
  drawn: number,
): Promise<{ readonly child: ReturnType<Field['start']> }> {
  const before = field.sandbox.requests().start;
  const child = field.start(order);
  while (field.sandbox.requests().start === before) await systemClock.sleep(5);
  await systemClock.sleep(drawn * 150);
  return { child };
}

export const processesProof: Proof = {
  heading: 'Two processes',
  async run(seed, share) {
    const verdict = await proveProcesses({ seed, rounds: portion(200, share) });
    const others = Math.ceil(verdict.rounds / 10);
    const text = `\`npm run prove:processes -- --seed ${seed}\`: processes that meet at one ledger. The seed draws the
moment of each signal; who comes first is the machine's affair.

${table(
  ['two processes', 'rounds', 'as it should be'],
  [
    [
      'started together on the same clip: one works it, the other exits 7 (or finds it done)',
      String(verdict.rounds),
      `${verdict.refused} (and ${verdict.tooLate})`,
    ],
    ['on different clips: both finish', String(others), String(verdict.sideBySide)],
    [
      'the first stopped (SIGSTOP): the second exits 7, the first goes on',
      String(others),
      String(verdict.keptWhileStopped),
    ],
    ['the first killed: the second goes on at once', String(others), String(verdict.takenOver)],
  ],
)}

Charges: ${verdict.charges} for ${verdict.clips} clips; double **${verdict.doubleCharges}**, lost **${verdict.lost}**, corrupt **${verdict.corrupt}**.`;
    const bad = verdict.doubleCharges + verdict.lost + verdict.corrupt + verdict.odd;
    const met = [verdict.sideBySide, verdict.keptWhileStopped, verdict.takenOver];
    return { holds: bad === 0 && met.every((seen) => seen === others), text };
  },
};
