import { RbgvError } from '../../core/errors.ts';
import type { Estimate, Tariff } from '../../core/estimate.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { cutClip } from '../../media/mend.ts';
import { estimateClip } from '../../pricing/estimateClip.ts';
import type { Context } from '../context.ts';
import { openCopies } from '../mendedCopies.ts';
import { createProgressLine } from '../report/progressLine.ts';

/** The part of each clip that is enough to judge by. */
export interface Sample {
  readonly fromSeconds: number;
  /** Infinite: to the clip's end. */
  readonly seconds: number;
}

/**
 * Cuts a sample out of each clip, as copies. A clip that is no longer than that stays what it is:
 * what is paid for it is paid for the real run too.
 *
 * @returns one for each estimate, in their order; the same object for a clip that was not cut
 * @throws RbgvError `no_sample` for a clip that ends before its sample begins, or cannot be cut
 */
export async function cutSamples(
  estimates: readonly Estimate[],
  sample: Sample,
  tariff: Tariff,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
): Promise<readonly Estimate[]> {
  const { fromSeconds, seconds } = sample;
  if (fromSeconds === 0 && seconds === Infinity) return estimates;
  const tools = await context.tools();
  const copyOf = await openCopies(ledger, context);
  const progress = createProgressLine(context.terminal);
  const cut = async (estimate: Estimate): Promise<Estimate> => {
    const { path, relativePath, media } = estimate.clip;
    const length = media.durationUs / 1e6;
    if (fromSeconds === 0 && seconds >= length) return estimate;
    if (fromSeconds >= length) {
      const reason = `it lasts ${formatDuration(length)}, and the sample begins at ${fromSeconds} s`;
      throw noSample(relativePath, reason);
    }
    progress.update(`cutting a sample: ${context.terminal.safe(relativePath)}`);
    const recipe = `sample-${fromSeconds}-${seconds}`;
    // Copied pictures end where their decoder's order has it, and would be paid for beyond the sample.
    const place = {
      beginSeconds: fromSeconds,
      endSeconds: Math.min(fromSeconds + seconds, length),
      isLossless: false,
    };
    const made = await copyOf(estimate.clip, recipe, (target) =>
      cutClip(path, media.videoCodec, place, target, tools, signal),
    ).catch((error: unknown) => {
      signal.throwIfAborted();
      throw noSample(relativePath, (error as Error).message);
    });
    if ('code' in made) throw noSample(relativePath, made.reason);
    const { sourcePath = path, converted = false } = estimate.clip.mended ?? {};
    const cutUs = media.durationUs - made.media.durationUs;
    return estimateClip({ ...made, mended: { sourcePath, converted, cutUs } }, tariff);
  };
  try {
    const samples: Estimate[] = [];
    for (const estimate of estimates) samples.push(await cut(estimate));
    return samples;
  } finally {
    progress.stop();
  }
}

function noSample(name: string, reason: string): RbgvError {
  return new RbgvError('usage', 'no_sample', `no sample of \`${name}\`: ${reason}`, {
    hint: 'nothing was sent; choose another --from and --sample, or leave them out',
  });
}
