import { isAbsolute, relative, sep } from 'node:path';

import type { RecordedEvent } from '../ledger/history.ts';
import type { RunClip, RunSummary } from '../ledger/runs.ts';
import { costRow, type CostTable } from '../report/costs.ts';
import type { ReportedClip, RunReport } from '../report/report.ts';
import { spansOf } from '../report/spans.ts';
import { VERSION } from './context.ts';

/**
 * What the ledger knows of a run, as the report wants it; clips stay in their order.
 *
 * @param folder where the report will lie: its links are relative to it
 */
export function runReport(
  run: RunSummary,
  clips: readonly RunClip[],
  events: readonly RecordedEvent[],
  folder: string,
): Omit<RunReport, 'comparisons'> {
  const histories = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const known = histories.get(event.key);
    if (known === undefined) histories.set(event.key, [event]);
    else known.push(event);
  }
  // The same bytes twice are worked once: the time that it took is shown with the first of them.
  const shown = new Set<string>();
  const reported = clips.map((clip) => {
    const history = histories.get(clip.key ?? '') ?? [];
    const isFirst = clip.key === undefined || !shown.has(clip.key);
    if (clip.key !== undefined) shown.add(clip.key);
    return reportedClip(clip, history, isFirst, run, folder);
  });
  const tags = [...new Set(clips.flatMap((clip) => Object.keys(clip.tags)))].sort();
  return {
    run: {
      id: run.id,
      profile: run.profile,
      version: VERSION,
      startedAt: run.startedAt,
      finishedAt: run.finishedAt,
    },
    clips: reported,
    costs: [
      costsBy('model', reported, (index) => reported[index]?.model ?? '-'),
      ...tags.map((name) =>
        costsBy(`tag ${name}`, reported, (index) => clips[index]?.tags[name] ?? '-'),
      ),
    ],
  };
}

/** What was spent, by a value that each clip has. */
function costsBy(
  by: string,
  reported: readonly ReportedClip[],
  valueOf: (index: number) => string,
): CostTable {
  const values = [...new Set(reported.map((_, index) => valueOf(index)))].sort();
  const rows = values.map((value) =>
    costRow(
      value,
      reported.filter((_, index) => valueOf(index) === value),
    ),
  );
  return { by, rows };
}

function reportedClip(
  clip: RunClip,
  history: readonly RecordedEvent[],
  isFirst: boolean,
  run: RunSummary,
  folder: string,
): ReportedClip {
  const own = history.filter(({ runId }) => isFirst && runId === run.id);
  const moments = own.map(({ at, event }) => ({ at, type: event.type }));
  const started = history.findLast(({ event }) => event.type === 'started')?.event;
  const verified = history.findLast(({ event }) => event.type === 'verified')?.event;
  return {
    name: clip.relativePath,
    model: clip.settings.model,
    format: clip.settings.format,
    status: clip.status,
    code: clip.code,
    reason: clip.status === 'done' ? undefined : clip.detail,
    durationSeconds: clip.durationSeconds,
    credits: clip.credits,
    jobId: clip.jobId,
    requestId: started?.type === 'started' ? started.requestId : undefined,
    href: clip.outputPath === undefined ? undefined : linkTo(clip.outputPath, folder),
    spans: spansOf(moments, run.startedAt, clip.createdAt ?? run.startedAt),
    steadiness: verified?.type === 'verified' ? verified.steadiness : undefined,
  };
}

/** A relative URL; `undefined` from one drive of a Windows system to another. */
function linkTo(path: string, folder: string): string | undefined {
  const way = relative(folder, path);
  return isAbsolute(way) ? undefined : `./${way.split(sep).map(encodeURIComponent).join('/')}`;
}
