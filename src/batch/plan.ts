import { resolve } from 'node:path';

import type { ProbedClip, RejectedClip } from '../core/clip.ts';
import { sumCredits, type Credits } from '../core/credits.ts';
import type { Estimate, Tariff } from '../core/estimate.ts';
import type { Job } from '../core/job.ts';
import { sequenceSuffix } from '../core/frames.ts';
import { EXTENSIONS } from '../core/model.ts';
import type { JobSettings } from '../core/settings.ts';
import type { Tags } from '../core/tags.ts';
import { planOutputPaths } from '../files/outputPaths.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { learnRounding, type LearnedRounding } from '../pricing/rounding.ts';
import { currentWork } from './currentWork.ts';
import { knownClipHash } from './identify.ts';

/** One clip as it will be worked; the person agrees to exactly these. */
export interface PlannedClip {
  readonly clip: ProbedClip;
  /** Absolute path the output goes to, unless something of the user's stands there. */
  readonly wantedPath: string;
  readonly estimate: Estimate;
  /** What the plan's model charges for it. */
  readonly credits: Credits;
  /** What is reserved before it is started: the dearest rounding that cannot be ruled out. */
  readonly worstCase: Credits;
  readonly tags: Tags;
  /** An earlier run has paid for the same bytes with the same settings, as far as is known. */
  readonly alreadyPaid: boolean;
  /** A start of an earlier run may be under way: its worst case is reserved already. */
  readonly reserved: boolean;
}

/** Everything a run is going to do, as data: shown, confirmed, then carried out unchanged. */
export interface Plan {
  readonly scope: string;
  readonly settings: JobSettings;
  /** The person agreed to pay again for clips whose job failed. */
  readonly repay: boolean;
  readonly tariff: Tariff;
  /** How the service rounds billed time, as far as its bills tell. */
  readonly rounding: LearnedRounding;
  readonly outputDir: string;
  readonly items: readonly PlannedClip[];
  readonly rejected: readonly RejectedClip[];
  /** Sum over the clips that are not known to be paid. */
  readonly cost: Credits;
  /** The same under `rounding`. */
  readonly worstCase: Credits;
}

const PAID_STATES: ReadonlySet<Job['state']> = new Set([
  'started',
  'processed',
  'verified',
  'done',
  'failed',
]);

/**
 * Lays out a run. A clip whose bytes were hashed before is looked up in the ledger; one that was
 * never read counts as to be paid, so that the sum is an upper bound.
 */
export async function makePlan(
  input: Omit<Plan, 'items' | 'cost' | 'worstCase' | 'rounding'> & {
    readonly estimates: readonly Estimate[];
    /** One for each estimate; default: none. */
    readonly tags?: readonly Tags[];
    /** Absolute output paths, one a clip, when an earlier run has chosen them. */
    readonly wantedPaths?: readonly string[];
    /** Name each output without regard to the other clips, of which more may come later. */
    readonly namedAlone?: boolean;
    /** PNG sequences stay packed; by default they become folders of frames. */
    readonly keepZip?: boolean;
  },
  ledger: Ledger,
): Promise<Plan> {
  const { estimates, wantedPaths, tags, keepZip = false, namedAlone = false, ...rest } = input;
  const rounding = learnRounding(ledger.latestBills(input.scope));
  const { model, format } = input.settings;
  const clips = estimates.map(({ clip }) => clip);
  const suffix = format === 'png_sequence' ? sequenceSuffix(keepZip) : EXTENSIONS[format];
  const named = namedAlone
    ? clips.flatMap((clip) => planOutputPaths([clip], suffix))
    : planOutputPaths(clips, suffix);
  const outputs = wantedPaths ?? named.map((path) => resolve(input.outputDir, path));
  const items = await Promise.all(
    estimates.map(async (estimate, index): Promise<PlannedClip> => {
      const { clip } = estimate;
      const sha256 = await knownClipHash(clip, ledger);
      const known =
        sha256 === undefined
          ? undefined
          : currentWork(input.scope, sha256, input.settings, input.repay, ledger).job?.state;
      return {
        clip,
        wantedPath: outputs[index] ?? '',
        estimate,
        credits: estimate.byModel[model].exact,
        worstCase: estimate.byModel[model][rounding.rounding],
        tags: tags?.[index] ?? {},
        alreadyPaid: known !== undefined && PAID_STATES.has(known),
        reserved: known === 'starting' || known === 'unclear',
      };
    }),
  );
  const unpaid = items.filter((item) => !item.alreadyPaid);
  return {
    ...rest,
    rounding,
    items,
    cost: sumCredits(unpaid.map((item) => item.credits)),
    worstCase: sumCredits(unpaid.map((item) => item.worstCase)),
  };
}
