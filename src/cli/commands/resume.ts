import { stat } from 'node:fs/promises';

import { makePlan, type ClipOrder } from '../../batch/plan.ts';
import { surveyClips } from '../../batch/survey.ts';
import { readEnvironment } from '../../config/environment.ts';
import { systemClock } from '../../core/clock.ts';
import type { Clip, RejectedClip } from '../../core/clip.ts';
import { RbgvError } from '../../core/errors.ts';
import { sideBySide } from '../../core/sideBySide.ts';
import { openLedger } from '../../ledger/ledger.ts';
import type { RunClip, RunSummary } from '../../ledger/runs.ts';
import { createProber } from '../../media/probe.ts';
import { createContext, type GlobalOptions } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { findRun } from '../findRun.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { runSession } from '../session/runSession.ts';
import type { SessionOptions } from '../session/sessionOptions.ts';
import { checkPolicy, spendingRules } from '../spendingRules.ts';

/** Files asked about at the same time: as many as there are threads for it. */
const READERS = 4;

export interface ResumeOptions extends SessionOptions, GlobalOptions {
  /** Beginning of a run's id; default: the latest. */
  readonly run?: string;
  /** Only the clips that failed: what `rbgv retry` is. */
  readonly onlyFailed?: boolean;
}

/** `rbgv resume`: goes on with a run from what the ledger knows, through the same engine. */
export async function resume(options: ResumeOptions): Promise<number> {
  const { run, clips } = readRun(options.run);
  const context = createContext({ ...options, profile: options.profile ?? run.profile });
  const { terminal, profile, store } = context;
  if (profile.scope !== run.scope) {
    throw new RbgvError('usage', 'other_service', `run ${run.id} was made with \`${run.scope}\``, {
      hint: `this profile is \`${profile.scope}\`; choose the right one with --profile`,
    });
  }
  terminal.err(`run ${run.id}: ${foundText(clips)}`);
  const left = clips.filter(
    ({ status, wantedPath }) =>
      wantedPath !== undefined &&
      (options.onlyFailed === true ? status === 'failed' : status !== 'done'),
  );
  if (left.length === 0) {
    terminal.err('nothing is left to do');
    return exitCode('ok');
  }
  const defaults = readRunDefaults(options, store);
  const rules = spendingRules(defaults, process.cwd());
  checkPolicy(
    rules,
    left.map((clip) => clip.settings.model),
    left.map((clip) => clip.tags),
  );
  const { concurrency } = defaults;
  return runSession({ ...options, concurrency }, rules, context, async (tariff, ledger, signal) => {
    const found = await sideBySide(READERS, left, clipOf);
    const orders = new Map(found.map((clip, index) => [clip, left[index]]));
    const present = found.filter((clip) => 'sizeBytes' in clip);
    const gone = found.filter((clip) => 'code' in clip);
    const probe = createProber(await context.tools());
    const survey = await surveyClips(present, probe, tariff, () => undefined, signal);
    return makePlan(
      {
        scope: run.scope,
        settings: run.settings,
        repay: options.repay ?? false,
        tariff,
        outputDir: run.outputDir,
        estimates: survey.estimates,
        rejected: [...gone, ...survey.rejected],
        orders: survey.sources.map((clip): ClipOrder => {
          const { wantedPath = '', settings, tags } = orders.get(clip) ?? {};
          return { wantedPath, ...(settings && { settings }), ...(tags && { tags }) };
        }),
      },
      ledger,
    );
  });
}

/** Read before the profile is chosen: the run knows which one it was made with. */
function readRun(id: string | undefined): { run: RunSummary; clips: readonly RunClip[] } {
  const ledger = openLedger(readEnvironment().stateDir, systemClock);
  try {
    const run = findRun(ledger, id);
    if (ledger.isRunning(run.id)) {
      throw new RbgvError('ledger', 'run_in_progress', `run ${run.id} is at work`, {
        hint: 'watch it with: rbgv status',
      });
    }
    return { run, clips: ledger.clips(run.id) };
  } finally {
    ledger.close();
  }
}

/** `37 done, 2 running on the server (already paid), 1 uploaded, 60 not started`. */
function foundText(clips: readonly RunClip[]): string {
  const counts = new Map<string, number>();
  for (const clip of clips) {
    const words = whereItStands(clip);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => `${count} ${words}`).join(', ');
}

function whereItStands(clip: RunClip): string {
  if (clip.status === 'done' || clip.status === 'failed' || clip.status === 'rejected') {
    return clip.status;
  }
  switch (clip.jobState) {
    case 'uploaded':
      return 'uploaded';
    case 'created':
      return 'waiting as a draft (free)';
    case 'starting':
    case 'unclear':
      return 'perhaps started (will be looked up first)';
    case 'started':
      return 'running on the server (already paid)';
    case 'processed':
    case 'verified':
      return 'finished on the server (already paid)';
    case 'done':
      return 'done under another name';
    case 'failed':
      return 'failed';
    default:
      return 'not started';
  }
}

async function clipOf({ path, relativePath, mended }: RunClip): Promise<Clip | RejectedClip> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, relativePath, sizeBytes: size, mtimeMs, mended };
  } catch {
    const clip = { path: mended?.sourcePath ?? path, relativePath, code: 'not_found' } as const;
    return mended === undefined
      ? { ...clip, reason: 'the file is gone', fix: 'put it back where it was' }
      : { ...clip, reason: "rbgv's copy of it is gone", fix: 'give the command of the run again' };
  }
}
