import { resolve } from 'node:path';

import type { ProbedClip, RejectedClip } from '../core/clip.ts';
import { sumCredits, type Credits } from '../core/credits.ts';
import type { Estimate, Tariff } from '../core/estimate.ts';
import type { Job } from '../core/job.ts';
import { sequenceSuffix } from '../core/frames.ts';
import { EXTENSIONS, MODELS, type Model, type OutputFormat } from '../core/model.ts';
import { sideBySide } from '../core/sideBySide.ts';
import { sameSettings, type JobSettings } from '../core/settings.ts';
import type { Tags } from '../core/tags.ts';
import { planOutputPaths } from '../files/outputPaths.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { learnRounding, type LearnedRounding } from '../pricing/rounding.ts';
import { currentWork } from './currentWork.ts';
import { knownClipHash } from './identify.ts';

/** Files asked about at the same time: as many as there are threads for it. */
const READERS = 4;

/** One clip as it will be worked; the person agrees to exactly these. */
export interface PlannedClip {
  readonly clip: ProbedClip;
  /** Absolute path the output goes to, unless something of the user's stands there. */
  readonly wantedPath: string;
  readonly estimate: Estimate;
  /** What its model charges for it. */
  readonly credits: Credits;
  /** What is reserved before it is started: the dearest rounding that cannot be ruled out. */
  readonly worstCase: Credits;
  readonly settings: JobSettings;
  readonly tags: Tags;
  /** An earlier run has paid for the same bytes with the same settings, as far as is known. */
  readonly alreadyPaid: boolean;
  /** A start of an earlier run may be under way: its worst case is reserved already. */
  readonly reserved: boolean;
}

/** What is asked for one clip beyond the settings of its run. */
export interface ClipOrder {
  readonly settings?: JobSettings;
  readonly tags?: Tags;
  /** Where its output goes, below the output folder; the format decides on the extension. */
  readonly outputName?: string;
  /** Absolute, when an earlier run has chosen it. */
  readonly wantedPath?: string;
}

/** Everything a run is going to do, as data: shown, confirmed, then carried out unchanged. */
export interface Plan {
  readonly scope: string;
  /** Those of every clip when all have the same, else those of a clip that asks for nothing. */
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
    /** One for each estimate; default: nothing special. */
    readonly orders?: readonly ClipOrder[];
    /** Name each output without regard to the other clips, of which more may come later. */
    readonly namedAlone?: boolean;
    /** PNG sequences stay packed; by default they become folders of frames. */
    readonly keepZip?: boolean;
  },
  ledger: Ledger,
): Promise<Plan> {
  const { estimates, orders = [], keepZip = false, namedAlone = false, ...rest } = input;
  const rounding = learnRounding(ledger.latestBills(input.scope));
  const settingsOf = estimates.map((_, index) => orders[index]?.settings ?? input.settings);
  const suffixOf = (format: OutputFormat): string =>
    format === 'png_sequence' ? sequenceSuffix(keepZip) : EXTENSIONS[format];
  const named = estimates.map(({ clip }, index) => ({
    relativePath: orders[index]?.outputName ?? clip.relativePath,
    extension: suffixOf((settingsOf[index] ?? input.settings).format),
  }));
  const outputs = namedAlone
    ? named.flatMap((clip) => planOutputPaths([clip]))
    : planOutputPaths(named);
  const items = await sideBySide(
    READERS,
    estimates,
    async (estimate, index): Promise<PlannedClip> => {
      const { clip } = estimate;
      const { tags = {}, wantedPath } = orders[index] ?? {};
      const settings = settingsOf[index] ?? input.settings;
      const range = estimate.byModel[settings.model];
      const sha256 = await knownClipHash(clip, ledger);
      const known =
        sha256 === undefined
          ? undefined
          : currentWork(input.scope, sha256, settings, input.repay, ledger).job?.state;
      return {
        clip,
        wantedPath: wantedPath ?? resolve(input.outputDir, outputs[index] ?? ''),
        estimate,
        credits: range.exact,
        worstCase: range[rounding.rounding],
        settings,
        tags,
        alreadyPaid: known !== undefined && PAID_STATES.has(known),
        reserved: known === 'starting' || known === 'unclear',
      };
    },
  );
  const unpaid = items.filter((item) => !item.alreadyPaid);
  return {
    ...rest,
    settings: commonSettings(settingsOf) ?? input.settings,
    rounding,
    items,
    cost: sumCredits(unpaid.map((item) => item.credits)),
    worstCase: sumCredits(unpaid.map((item) => item.worstCase)),
  };
}

/** The models that a plan pays for, each once. */
export function modelsOf({ items }: Pick<Plan, 'items'>): readonly Model[] {
  const used = new Set(items.map(({ settings }) => settings.model));
  return MODELS.filter((model) => used.has(model));
}

function commonSettings(all: readonly JobSettings[]): JobSettings | undefined {
  const [first] = all;
  return first !== undefined && all.every((one) => sameSettings(one, first)) ? first : undefined;
}
