import { judge, type MatteFigures } from '../../core/comparison.ts';
import type { RunClip } from '../../ledger/runs.ts';
import { measureMatte } from '../../media/measureMatte.ts';
import type { Comparison, ReportedClip } from '../../report/report.ts';
import type { Context } from '../context.ts';
import { createProgressLine } from '../report/progressLine.ts';
import { COMPARABLE_FORMATS } from './formats.ts';
import { plainName } from './nameWithModel.ts';

/** Clips of one run that are laid side by side. */
const MOST_COMPARED = 50;

/**
 * Lays side by side what several models of one run made of the same clip, and measures it. Nothing
 * for a run in which each clip went through one model.
 *
 * @param reported one for each of the run's clips
 * @param signal aborted: what is not measured yet goes without figures
 */
export async function compareOutputs(
  clips: readonly RunClip[],
  reported: readonly ReportedClip[],
  context: Context,
  signal: AbortSignal,
): Promise<readonly Comparison[]> {
  const groups = sameClips(clips, reported).filter(
    (group) => new Set(group.map(({ shown }) => shown.model)).size > 1,
  );
  if (groups.length === 0) return [];
  if (groups.length > MOST_COMPARED) {
    context.terminal.err(`side by side: the first ${MOST_COMPARED} of ${groups.length} clips`);
  }
  const progress = createProgressLine(context.terminal);
  const comparisons: Comparison[] = [];
  try {
    for (const [number, group] of groups.slice(0, MOST_COMPARED).entries()) {
      progress.update(`measuring outputs: clip ${number + 1} of ${groups.length}`);
      const contenders = [];
      for (const { clip, shown } of group) {
        const { price, settings, relativePath } = clip;
        const { model } = settings;
        const figures = await measured(clip, context, signal);
        contenders.push({
          name: plainName({ relativePath, model }),
          clip: shown,
          model,
          price,
          figures,
        });
      }
      comparisons.push({ name: contenders[0]?.name ?? '', outputs: judge(contenders) });
    }
    return comparisons;
  } finally {
    progress.stop();
  }
}

/** Clips of the run that are the same file; rejected ones are none. */
function sameClips(
  clips: readonly RunClip[],
  reported: readonly ReportedClip[],
): readonly (readonly { readonly clip: RunClip; readonly shown: ReportedClip }[])[] {
  const groups = new Map<string, { readonly clip: RunClip; readonly shown: ReportedClip }[]>();
  for (const [index, clip] of clips.entries()) {
    const shown = reported[index];
    if (clip.wantedPath === undefined || shown === undefined) continue;
    const group = groups.get(clip.path);
    if (group === undefined) groups.set(clip.path, [{ clip, shown }]);
    else group.push({ clip, shown });
  }
  return [...groups.values()];
}

/** Source or output may be gone by now, and what is opaque or packed has no alpha to look at. */
async function measured(
  { path, outputPath, settings }: RunClip,
  context: Context,
  signal: AbortSignal,
): Promise<MatteFigures | undefined> {
  const { format, background } = settings;
  const isComparable = COMPARABLE_FORMATS.some((one) => one === format);
  const hasAlpha = isComparable && background.type === 'transparent';
  if (outputPath === undefined || !hasAlpha || signal.aborted) {
    return undefined;
  }
  const tools = await context.tools();
  return measureMatte(path, outputPath, tools, signal).catch(() => undefined);
}
