import type { Survey } from '../batch/survey.ts';
import type { RejectedClip, RejectionCode } from '../core/clip.ts';
import type { Tariff } from '../core/estimate.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { convertToFit, cutClip, planCut } from '../media/mend.ts';
import { estimateClip } from '../pricing/estimateClip.ts';
import type { Context } from './context.ts';
import { lookAtEnds, type FoundEnds } from './lookAtEnds.ts';
import type { ListedClip } from './manifest.ts';
import { openCopies } from './mendedCopies.ts';
import { createProgressLine } from './report/progressLine.ts';

/** What is done to clips before anything is paid. */
export interface Mending {
  /** Convert or shrink what the service would not take. */
  readonly transcodeToFit?: boolean;
  /** Look for black or frozen ends. */
  readonly checkEnds?: boolean;
  /** Cut them off. */
  readonly trim?: boolean;
}

export interface MendedSurvey extends Survey<ListedClip> {
  /** One for each estimate; `undefined` where nothing was found, or nobody looked. */
  readonly ends: readonly (FoundEnds | undefined)[];
}

const CONVERTIBLE: ReadonlySet<RejectionCode> = new Set([
  'unsupported_type',
  'too_large',
  'no_duration',
]);

/** Makes clips fit and cuts their idle ends, as copies: the originals are never touched. */
export async function mendClips(
  survey: Survey<ListedClip>,
  { transcodeToFit = false, checkEnds = false, trim = false }: Mending,
  tariff: Tariff,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
): Promise<MendedSurvey> {
  const nothing = survey.estimates.map(() => undefined);
  if (!transcodeToFit && !checkEnds && !trim) return { ...survey, ends: nothing };
  const tools = await context.tools();
  const copyOf = await openCopies(ledger, context);
  const progress = createProgressLine(context.terminal);
  const estimates = [...survey.estimates];
  const sources = [...survey.sources];
  const rejected: RejectedClip[] = [];
  try {
    for (const refusal of survey.rejected) {
      const { path, relativePath, code } = refusal;
      if (!transcodeToFit || !CONVERTIBLE.has(code)) {
        rejected.push(refusal);
        continue;
      }
      progress.update(`making fit: ${context.terminal.safe(relativePath)}`);
      const isTooLarge = code === 'too_large';
      const recipe = isTooLarge ? 'small' : 'mp4';
      const mended = { sourcePath: path, converted: true, cutUs: 0 };
      const made = await copyOf({ path, relativePath, mended }, recipe, (target) =>
        convertToFit(path, target, isTooLarge, tools, signal),
      ).catch((error: unknown) => {
        signal.throwIfAborted();
        const reason = `${refusal.reason}; it could not be converted: ${(error as Error).message}`;
        return { ...refusal, reason };
      });
      if ('code' in made) {
        rejected.push(made);
      } else {
        estimates.push(estimateClip(made, tariff));
        const { media: _, ...clip } = made;
        sources.push({ ...clip, ...rowOf(refusal) });
      }
    }
    progress.stop();
    const ends = [...(checkEnds || trim ? await lookAtEnds(estimates, context, signal) : [])];
    for (const [index, found] of trim ? ends.entries() : []) {
      const clip = estimates[index]?.clip;
      if (clip === undefined || found === undefined) continue;
      progress.update(`cutting: ${context.terminal.safe(clip.relativePath)}`);
      const place = await planCut(clip.path, clip.media, found, tools);
      const recipe = `${found.headUs}-${found.tailUs}`;
      const cut = await copyOf(clip, recipe, (target) =>
        cutClip(clip.path, clip.media.videoCodec, place, target, tools, signal),
      ).catch(() => undefined);
      signal.throwIfAborted();
      if (cut === undefined || 'code' in cut || cut.media.durationUs >= found.durationUs) continue;
      const { sourcePath = clip.path, converted = false } = clip.mended ?? {};
      const cutUs = found.durationUs - cut.media.durationUs;
      const mended = { sourcePath, converted, cutUs };
      estimates[index] = estimateClip({ ...cut, mended }, tariff);
      ends[index] = { ...found, done: place.isLossless ? 'copied' : 'encoded' };
    }
    return { estimates, sources, rejected, ends: estimates.map((_, index) => ends[index]) };
  } finally {
    progress.stop();
  }
}

function rowOf(refusal: RejectedClip): Pick<ListedClip, 'row'> {
  return 'row' in refusal ? { row: refusal.row as ListedClip['row'] & object } : {};
}
