import { resolve } from 'node:path';

import type { ProbedClip, RejectedClip } from '../core/clip.ts';
import { NO_CREDITS, sumCredits, type Credits } from '../core/credits.ts';
import type { Estimate, Tariff } from '../core/estimate.ts';
import type { Job } from '../core/job.ts';
import { sequenceSuffix } from '../core/frames.ts';
import { EXTENSIONS } from '../core/model.ts';
import type { JobSettings } from '../core/settings.ts';
import { planOutputPaths } from '../files/outputPaths.ts';
import type { Ledger } from '../ledger/ledger.ts';
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
  /** An earlier run has paid for the same bytes with the same settings, as far as is known. */
  readonly alreadyPaid: boolean;
}

/** Everything a run is going to do, as data: shown, confirmed, then carried out unchanged. */
export interface Plan {
  readonly scope: string;
  readonly settings: JobSettings;
  /** The person agreed to pay again for clips whose job failed. */
  readonly repay: boolean;
  readonly tariff: Tariff;
  readonly outputDir: string;
  readonly items: readonly PlannedClip[];
  readonly rejected: readonly RejectedClip[];
  /** Sum over the clips that are not known to be paid. */
  readonly cost: Credits;
  /** The same if each started minute is billed. */
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
  input: Omit<Plan, 'items' | 'cost' | 'worstCase'> & {
    readonly estimates: readonly Estimate[];
    /** Absolute output paths, one a clip, when an earlier run has chosen them. */
    readonly wantedPaths?: readonly string[];
    /** PNG sequences stay packed; by default they become folders of frames. */
    readonly keepZip?: boolean;
  },
  ledger: Ledger,
): Promise<Plan> {
  const { estimates, wantedPaths, keepZip = false, ...rest } = input;
  const { model, format } = input.settings;
  const clips = estimates.map(({ clip }) => clip);
  const suffix = format === 'png_sequence' ? sequenceSuffix(keepZip) : EXTENSIONS[format];
  const outputs =
    wantedPaths ?? planOutputPaths(clips, suffix).map((path) => resolve(input.outputDir, path));
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
        alreadyPaid: known !== undefined && PAID_STATES.has(known),
      };
    }),
  );
  const unpaid = (index: number): boolean => items[index]?.alreadyPaid === false;
  const sum = (pick: (estimate: Estimate) => Credits): Credits =>
    sumCredits(estimates.map((e, index) => (unpaid(index) ? pick(e) : NO_CREDITS)));
  return {
    ...rest,
    items,
    cost: sum((e) => e.byModel[model].exact),
    worstCase: sum((e) => e.byModel[model].perMinute),
  };
}
