import type { Plan } from '../../batch/plan.ts';
import { creditsFor, formatCredits, sumCredits, type Credits } from '../../core/credits.ts';
import type { Tariff } from '../../core/estimate.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import type { FoundEnds } from '../mendClips.ts';
import type { Terminal } from '../terminal.ts';

/**
 * The black or frozen ends of a plan's clips, and what they cost or would have cost.
 *
 * @param ends one for each item of the plan
 * @returns `undefined` when there are none
 */
export function endsText(
  ends: readonly (FoundEnds | undefined)[],
  { items }: Pick<Plan, 'items'>,
  tariff: Tariff,
  terminal: Terminal,
): string | undefined {
  const lines: string[] = [];
  const saved: Credits[] = [];
  const wasted: Credits[] = [];
  for (const [index, item] of items.entries()) {
    const found = ends[index];
    if (found === undefined) continue;
    const { headUs, tailUs, done, durationUs } = found;
    const idleUs = done === 'left' ? headUs + tailUs : durationUs - item.clip.media.durationUs;
    const cost = creditsFor(idleUs, tariff.perMinute[item.settings.model], 'exact');
    (done === 'left' ? wasted : saved).push(cost);
    const parts = [
      ...(headUs > 0 ? [`${formatDuration(headUs / 1e6)} at its beginning`] : []),
      ...(tailUs > 0 ? [`${formatDuration(tailUs / 1e6)} at its end`] : []),
    ];
    const what = { left: 'costs', copied: 'cut without loss, saves', encoded: 'cut, saves' }[done];
    const name = terminal.safe(found.relativePath);
    lines.push(`  ${name}: ${parts.join(', ')}; ${what} ${formatCredits(cost)} credits`);
  }
  if (lines.length === 0) return undefined;
  const sums = [
    ...(saved.length > 0 ? [`--trim saves ${formatCredits(sumCredits(saved))} credits`] : []),
    ...(wasted.length > 0
      ? [`${formatCredits(sumCredits(wasted))} credits are for these; --trim cuts them off`]
      : []),
  ];
  return ['black or frozen:', ...lines, `  ${sums.join('; ')}`, ''].join('\n');
}
