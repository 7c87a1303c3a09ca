import { creditsFor, formatCredits, sumCredits, type Credits } from '../../core/credits.ts';
import type { Estimate, Tariff } from '../../core/estimate.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import type { Model } from '../../core/model.ts';
import type { FoundEnds } from '../lookAtEnds.ts';
import type { Terminal } from '../terminal.ts';

/** A clip with the models that it is priced for; all clips for as many. */
export interface PricedClip extends Pick<Estimate, 'clip'> {
  readonly models: readonly Model[];
}

/** What the idle ends of a clip cost with a model, or, once they are cut off, would have cost. */
export function idleCredits(
  { headUs, tailUs, done, durationUs }: FoundEnds,
  clip: Estimate['clip'],
  model: Model,
  tariff: Tariff,
): Credits {
  const idleUs = done === 'left' ? headUs + tailUs : durationUs - clip.media.durationUs;
  return creditsFor(idleUs, tariff.perMinute[model], 'exact');
}

/**
 * The black or frozen ends of clips, and what they cost or would have cost.
 *
 * @param ends one for each clip
 * @returns `undefined` when there are none
 */
export function endsText(
  ends: readonly (FoundEnds | undefined)[],
  clips: readonly PricedClip[],
  tariff: Tariff,
  terminal: Terminal,
): string | undefined {
  const lines: string[] = [];
  const saved: (readonly Credits[])[] = [];
  const wasted: (readonly Credits[])[] = [];
  const named = clips[0]?.models ?? [];
  for (const [index, { clip, models }] of clips.entries()) {
    const found = ends[index];
    if (found === undefined) continue;
    const { headUs, tailUs, done } = found;
    const costs = models.map((model) => idleCredits(found, clip, model, tariff));
    (done === 'left' ? wasted : saved).push(costs);
    const parts = [
      ...(headUs > 0 ? [`${formatDuration(headUs / 1e6)} at its beginning`] : []),
      ...(tailUs > 0 ? [`${formatDuration(tailUs / 1e6)} at its end`] : []),
    ];
    const what = { left: 'costs', copied: 'cut without loss, saves', encoded: 'cut, saves' }[done];
    const name = terminal.safe(clip.relativePath);
    lines.push(`  ${name}: ${parts.join(', ')}; ${what} ${amountText(costs, models)}`);
  }
  if (lines.length === 0) return undefined;
  const total = (all: readonly (readonly Credits[])[]): string =>
    amountText(
      named.map((_, index) => sumCredits(all.flatMap((costs) => costs[index] ?? []))),
      named,
    );
  const sums = [
    ...(saved.length > 0 ? [`--trim saves ${total(saved)}`] : []),
    ...(wasted.length > 0
      ? [`${total(wasted)} are for these; --trim of rbgv run cuts them off`]
      : []),
  ];
  return ['black or frozen:', ...lines, `  ${sums.join('; ')}`].join('\n');
}

/** `2 credits`; for several models `original 2, light 1.5 credits`. */
function amountText(amounts: readonly Credits[], models: readonly Model[]): string {
  const named = amounts.map((amount, index) =>
    amounts.length === 1
      ? formatCredits(amount)
      : `${models[index] ?? ''} ${formatCredits(amount)}`,
  );
  return `${named.join(', ')} credits`;
}
