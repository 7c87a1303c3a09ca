import { formatCredits, toNumber } from '../../core/credits.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RunClip, RunSummary } from '../../ledger/runs.ts';
import { createContext, type Context } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { findRun } from '../findRun.ts';
import { formatTable } from '../report/table.ts';

export interface StatusOptions {
  readonly run?: string;
  readonly limit: number;
  readonly json?: boolean;
  /** Show the run's clips again and again until it ends. */
  readonly watch?: boolean;
  readonly profile?: string | undefined;
}

/** `rbgv status`: what the ledger knows; reads only, also while a run works. */
export async function status(options: StatusOptions): Promise<number> {
  const context = createContext(options);
  const { terminal } = context;
  const ledger = await context.ledger();
  try {
    const runs = ledger.runs(options.limit);
    const chosen = options.run === undefined ? runs[0] : findRun(ledger, options.run);
    const clips = chosen === undefined ? [] : ledger.clips(chosen.id);
    if (options.watch === true && chosen !== undefined) {
      await watch(chosen, ledger, context);
    } else if (options.json === true) {
      terminal.out(JSON.stringify(statusJson(runs, chosen, clips, ledger), null, 2));
    } else if (chosen === undefined) {
      terminal.out('no runs yet');
    } else {
      if (options.run === undefined) terminal.out(`${runsTable(runs, ledger)}\n`);
      terminal.out(`run ${chosen.id}\n${clipsTable(clips, context)}`);
    }
    return exitCode('ok');
  } finally {
    ledger.close();
  }
}

const WATCH_INTERVAL_MS = 1_000;

/** Prints the clips whenever something changed, until the run's process has ended. */
async function watch(run: RunSummary, ledger: Ledger, context: Context): Promise<void> {
  let shown = '';
  for (;;) {
    // Asked first: what is read afterwards cannot be older than the end.
    const isRunning = ledger.isRunning(run.id);
    const table = clipsTable(ledger.clips(run.id), context);
    if (table !== shown) context.terminal.out(`run ${run.id}\n${table}\n`);
    shown = table;
    if (!isRunning) return;
    await context.clock.sleep(WATCH_INTERVAL_MS);
  }
}

/** A run without an end whose process is gone was killed; the same command resumes it. */
function runState(run: RunSummary, ledger: Ledger): string {
  if (run.finishedAt !== undefined) return `ended (${run.exitCode ?? '?'})`;
  return ledger.isRunning(run.id) ? 'running' : 'killed';
}

function runsTable(runs: readonly RunSummary[], ledger: Ledger): string {
  return formatTable(
    [
      { title: 'run' },
      { title: 'profile' },
      { title: 'model' },
      { title: 'clips', align: 'right' },
      { title: 'done', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'rejected', align: 'right' },
      { title: 'credits', align: 'right' },
      { title: 'state' },
    ],
    runs.map((run) => [
      run.id,
      run.profile,
      run.settings.model,
      String(run.clips),
      String(run.done),
      String(run.failed),
      String(run.rejected),
      formatCredits(run.credits),
      runState(run, ledger),
    ]),
  );
}

function clipsTable(clips: readonly RunClip[], { terminal }: Context): string {
  return formatTable(
    [
      { title: 'clip' },
      { title: 'status' },
      { title: 'job' },
      { title: 'credits', align: 'right' },
      { title: 'output' },
    ],
    clips.map((clip) => [
      terminal.safe(clip.relativePath),
      clip.status === 'open' ? (clip.jobState ?? 'not begun') : clip.status,
      clip.jobId ?? '-',
      formatCredits(clip.credits),
      terminal.safe(clip.outputPath ?? clip.detail ?? '-'),
    ]),
  );
}

function statusJson(
  runs: readonly RunSummary[],
  chosen: RunSummary | undefined,
  clips: readonly RunClip[],
  ledger: Ledger,
): unknown {
  const time = (ms: number | undefined): string | null =>
    ms === undefined ? null : new Date(ms).toISOString();
  const listed = chosen === undefined || runs.includes(chosen) ? runs : [chosen];
  return {
    version: 1,
    runs: listed.map((run) => ({
      id: run.id,
      profile: run.profile,
      model: run.settings.model,
      output_dir: run.outputDir,
      state: runState(run, ledger),
      started_at: time(run.startedAt),
      finished_at: time(run.finishedAt),
      exit_code: run.exitCode ?? null,
      clips: run.clips,
      done: run.done,
      failed: run.failed,
      rejected: run.rejected,
      credits: toNumber(run.credits),
    })),
    run: chosen?.id ?? null,
    clips: clips.map((clip) => ({
      relative_path: clip.relativePath,
      status: clip.status,
      job_state: clip.jobState ?? null,
      job_id: clip.jobId ?? null,
      code: clip.code ?? null,
      detail: clip.detail ?? null,
      output: clip.outputPath ?? null,
      credits: toNumber(clip.credits),
    })),
  };
}
