import PQueue from 'p-queue';

import { seededRandom } from '../../src/sandbox/faults/seededRandom.ts';
import { openField, type Field, type Verdict } from './field.ts';
import { portion, table, type Proof } from './proof.ts';

export interface CrashVerdict extends Verdict {
  /** Deeds on the way of one clip, before each of which a process was killed. */
  readonly points: number;
  /** Ways that were cut once, and ways that were cut twice. */
  readonly singles: number;
  readonly pairs: number;
  /** Uploads, creates and starts that a further run sent: there is nothing left to send. */
  readonly postsAfterwards: number;
}

const PACE = { clockScale: 100, concurrency: 1 } as const;

/**
 * Kills a process before every deed of a clip's way, then the one that goes on before every deed
 * that it still has to do; lets the third finish, and judges by the server's ledger.
 *
 * @param options.most cut ways of each sort that are tried, drawn by the seed; all of them by default
 */
export async function proveCrashPoints(options: {
  readonly seed: number;
  readonly most?: number;
}): Promise<CrashVerdict> {
  const { seed, most = Infinity } = options;
  const field = await openField('rbgv', { seed });
  try {
    const whole = await field.folder(1);
    const { deeds: points } = await field.run({ ...PACE, folders: [whole] });
    const every = Array.from({ length: points }, (_, index) => index + 1);
    const pool = new PQueue({ concurrency: 2 });
    const folders = [whole];
    let singles = 0;
    let pairs = 0;
    const cut = async (first: number, second?: number): Promise<boolean> => {
      const folder = await field.folder(1);
      folders.push(folder);
      await die(field, folder, first);
      const again = second !== undefined && (await die(field, folder, second));
      if (again) pairs += 1;
      else singles += 1;
      await field.run({ ...PACE, folders: [folder] });
      return again;
    };
    const drawn = (draw: number): number => 1 + Math.floor(seededRandom(seed, draw) * points);
    if (most === Infinity) {
      await pool.addAll(
        every.map((first) => async () => {
          // A process that goes on has less left to do: the row ends when it gets to its end.
          for (let second = 1; await cut(first, second); second += 1);
        }),
      );
    } else {
      const draws = Array.from({ length: most }, (_, index) => index);
      await pool.addAll(draws.map((draw) => () => cut(drawn(draw))));
      await pool.addAll(draws.map((draw) => () => cut(drawn(draw), drawn(draw + most))));
    }
    const before = field.posts();
    await field.run({ ...PACE, folders });
    const postsAfterwards = field.posts() - before;
    return { ...(await field.judge()), points, singles, pairs, postsAfterwards };
  } finally {
    await field.close();
  }
}

/** @returns whether it died: one that has fewer deeds to do comes to its end */
async function die(field: Field, folder: string, dieAt: number): Promise<boolean> {
  const { signal, exitCode, stderr } = await field.start({ ...PACE, folders: [folder], dieAt });
  if (signal === 'SIGKILL') return true;
  if (exitCode !== 0) throw new Error(`the client broke: ${stderr}`);
  return false;
}

export const crashPointsProof: Proof = {
  heading: 'Crash points',
  async run(seed, share) {
    const most = share < 1 ? { most: portion(400, share) } : {};
    const v = await proveCrashPoints({ seed, ...most });
    const which = share < 1 ? `a share of them, drawn by seed ${seed}` : 'all of them';
    const text = `\`npm run prove:crashpoints\`. One clip's way has ${v.points} deeds outside of the process: writes to the ledger, calls that
change something at the service, steps at the output's file. A process is killed (SIGKILL, by itself) right before
a deed, which is right after the one before; the next process is killed before one of the deeds left to it; the
third may finish. A fourth then finds nothing to send. Tried: ${which}.

${table(
  [
    'cut once',
    'cut twice',
    'clips',
    'charges',
    'double',
    'lost',
    'corrupt or left over',
    'sent afterwards',
  ],
  [
    [
      ...[v.singles, v.pairs, v.clips, v.charges].map(String),
      ...[v.doubleCharges, v.lost, v.corrupt, v.postsAfterwards].map((count) => `**${count}**`),
    ],
  ],
)}`;
    const bad = v.doubleCharges + v.lost + v.corrupt + v.postsAfterwards;
    return { holds: bad === 0 && v.charges === v.clips, text };
  },
};
