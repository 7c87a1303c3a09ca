import { choiceText, percent, verdictText } from '../../core/comparison.ts';
import { formatCredits, sumCredits, toNumber } from '../../core/credits.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import { modelsOf, type Plan } from '../../batch/plan.ts';
import type { ComparedOutput, Comparison } from '../../report/report.ts';
import { spanTime } from '../../report/spans.ts';
import type { Terminal } from '../terminal.ts';
import { counted } from './estimateText.ts';
import { formatTable } from './table.ts';

/** What each model of a comparison would cost, over all clips. */
export function comparisonPlan(plan: Plan): string {
  const rows = modelsOf(plan).map((model) => {
    const items = plan.items.filter(({ settings }) => settings.model === model);
    const unpaid = items.filter((item) => !item.alreadyPaid);
    const seconds = items.reduce((sum, { clip }) => sum + clip.media.durationUs / 1e6, 0);
    const cells = [model, counted(items.length, 'clip'), formatDuration(seconds)];
    if (unpaid.length === 0) return [...cells, 'paid', 'paid'];
    const cost = sumCredits(unpaid.map((item) => item.credits));
    const worst = sumCredits(unpaid.map((item) => item.worstCase));
    return [...cells, formatCredits(cost), formatCredits(worst)];
  });
  return formatTable(
    [
      { title: 'model' },
      { title: 'clips' },
      { title: 'duration', align: 'right' },
      { title: 'credits', align: 'right' },
      { title: 'at worst', align: 'right' },
    ],
    rows,
  );
}

/** What came of a comparison: a table for each clip, and the cheapest model that will do. */
export function comparisonTable(comparisons: readonly Comparison[], terminal: Terminal): string {
  return comparisons
    .map(({ name, outputs }) => {
      const table = formatTable(
        [
          { title: 'model' },
          ...['credits', 'time', 'flicker', 'coverage', 'jump', 'edge'].map(
            (title) => ({ title, align: 'right' }) as const,
          ),
          { title: 'verdict' },
        ],
        outputs.map(row),
      );
      return `${terminal.safe(name)}\n${table}\n${choiceText(outputs)}`;
    })
    .join('\n\n');
}

function row({ clip, model, price, figures, judgement }: ComparedOutput): readonly string[] {
  const milliseconds = spanTime(clip.spans);
  const shares =
    figures === undefined
      ? ['-', '-', '-', '-']
      : [figures.flicker, figures.coverage, figures.jump, figures.edge].map(percent);
  return [
    model,
    price === undefined ? '-' : formatCredits(price),
    milliseconds === 0 ? '-' : formatDuration(milliseconds / 1000),
    ...shares,
    clip.status === 'done' ? verdictText(judgement) : `${clip.status}: ${clip.code ?? ''}`,
  ];
}

/** A comparison as data: a line of `compare --json`. */
export function comparisonJson(comparisons: readonly Comparison[]): unknown {
  return {
    type: 'comparison',
    version: 1,
    clips: comparisons.map(({ name, outputs }) => ({
      relative_path: name,
      cheapest_acceptable: outputs.find(({ judgement }) => judgement.isChoice)?.model ?? null,
      models: outputs.map(({ clip, model, price, figures, judgement }) => ({
        model,
        status: clip.status,
        credits: price === undefined ? null : toNumber(price),
        seconds: spanTime(clip.spans) / 1000,
        flicker: figures?.flicker ?? null,
        coverage: figures?.coverage ?? null,
        jump: figures?.jump ?? null,
        edge: figures?.edge ?? null,
        acceptable: judgement.faults === undefined ? null : judgement.faults.length === 0,
        faults: judgement.faults ?? [],
      })),
    })),
  };
}
