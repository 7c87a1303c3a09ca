import { dirname } from 'node:path';

import { writeOwnFile } from '../files/ownFile.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunClip, RunSummary } from '../ledger/runs.ts';
import { beforeAndAfter } from '../media/beforeAndAfter.ts';
import { clipsToPicture, momentToShow } from '../report/gallery.ts';
import { REPORT_MARK, reportPage } from '../report/page.ts';
import type { Pictures, ReportedClip, RunReport } from '../report/report.ts';
import type { Context } from './context.ts';
import { compareOutputs } from './compare/compareOutputs.ts';
import { runReport } from './runReport.ts';

/** Clips whose pictures are made at once. */
const PAINTERS = 2;
/** Long clips are slow to seek in: what is not pictured by then goes without. */
const PICTURES_MS = 20_000;
/** Nor does a report that nobody asked to compare anything wait for figures. */
const FIGURES_MS = 20_000;

/**
 * What a report tells of a run: what the ledger knows, and models that are side by side in it.
 *
 * @param folder where the report will lie
 * @param signal aborted: the report does without the figures that are not measured yet
 */
export async function describeRun(
  run: RunSummary,
  folder: string,
  ledger: Ledger,
  context: Context,
  signal: AbortSignal,
): Promise<RunReport> {
  const clips = ledger.clips(run.id);
  const report = runReport(run, clips, ledger.events(run.id), folder);
  const comparisons = await compareOutputs(clips, report.clips, context, signal);
  return { ...report, comparisons };
}

/**
 * Writes the report of a run as one HTML file. An earlier report in its place is replaced, any other
 * file is not.
 *
 * @param signal aborted: the report does without the pictures that are not made yet
 * @param described what `describeRun` told already
 * @returns the path taken
 * @throws the file system's error; a picture that cannot be made is left out
 */
export async function writeReport(
  run: RunSummary,
  path: string,
  ledger: Ledger,
  context: Context,
  signal?: AbortSignal,
  described?: RunReport,
): Promise<string> {
  const soon = AbortSignal.any([AbortSignal.timeout(FIGURES_MS), ...(signal ? [signal] : [])]);
  const report = described ?? (await describeRun(run, dirname(path), ledger, context, soon));
  const pictures = await paint(report, ledger.clips(run.id), context, signal);
  return await writeOwnFile(path, reportPage(report, pictures), REPORT_MARK);
}

async function paint(
  report: RunReport,
  sources: readonly RunClip[],
  context: Context,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<ReportedClip, Pictures>> {
  const moments = momentsToShow(report);
  const wanted = [...moments.keys()];
  if (wanted.length === 0) return new Map();
  const tools = await context.tools();
  const sourceOf = new Map(report.clips.map((clip, index) => [clip, sources[index]]));
  const painted = new Map<ReportedClip, Pictures>();
  const deadline = context.clock.monotonic() + PICTURES_MS;
  const queue = wanted.values();
  const painter = async (): Promise<void> => {
    for (const clip of queue) {
      const { path, outputPath } = sourceOf.get(clip) ?? {};
      if (path === undefined || outputPath === undefined) continue;
      if (signal?.aborted === true || context.clock.monotonic() > deadline) return;
      const { format } = clip;
      const output = { path: outputPath, format, position: moments.get(clip) ?? 0.5 };
      // Source or output may be gone or changed by now: the report is about more than pictures.
      const pair = await beforeAndAfter(path, output, tools).catch(() => undefined);
      if (pair !== undefined) painted.set(clip, pair);
    }
  };
  await Promise.all(Array.from({ length: PAINTERS }, painter));
  return new Map(
    wanted.flatMap((clip) => {
      const pair = painted.get(clip);
      return pair === undefined ? [] : [[clip, pair] as const];
    }),
  );
}

/** The clips to picture, and when: outputs that lie side by side show the same moment. */
function momentsToShow({ clips, comparisons }: RunReport): ReadonlyMap<ReportedClip, number> {
  const groups = comparisons.map(({ outputs }) => outputs.map(({ clip }) => clip));
  const compared = new Set(groups.flat());
  return new Map([
    ...groups.flatMap((group) => {
      const [worst] = clipsToPicture(group);
      return worst === undefined
        ? []
        : group
            .filter(({ href }) => href !== undefined)
            .map((clip) => [clip, momentToShow(worst)] as const);
    }),
    ...clipsToPicture(clips.filter((clip) => !compared.has(clip))).map(
      (clip) => [clip, momentToShow(clip)] as const,
    ),
  ]);
}
