import { formatCredits } from '../../core/credits.ts';

import { formatDuration } from '../../core/formatDuration.ts';
import type { Plan } from '../../batch/plan.ts';
import type { Terminal } from '../terminal.ts';
import { counted } from './estimateText.ts';
import { formatTable } from './table.ts';

/** A plan in which not all clips are asked for the same: what is asked for each. */
export function planTable(
  { items, cost }: Pick<Plan, 'items' | 'cost'>,
  terminal: Terminal,
): string {
  const seconds = items.reduce((sum, { clip }) => sum + clip.media.durationUs / 1e6, 0);
  const rows = items.map(({ clip, settings, credits, alreadyPaid }) => [
    terminal.safe(clip.relativePath),
    formatDuration(clip.media.durationUs / 1e6),
    settings.model,
    settings.format,
    terminal.safe(settings.prompt ?? '-'),
    alreadyPaid ? 'paid' : formatCredits(credits),
  ]);
  const total = `total, ${counted(items.length, 'clip')}`;
  return formatTable(
    [
      { title: 'clip' },
      { title: 'duration', align: 'right' },
      { title: 'model' },
      { title: 'format' },
      { title: 'prompt' },
      { title: 'credits', align: 'right' },
    ],
    [...rows, [total, formatDuration(seconds), '', '', '', formatCredits(cost)]],
  );
}
