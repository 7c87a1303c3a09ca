import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ApiError } from '../../api/apiError.ts';
import { makePlan } from '../../batch/plan.ts';
import { surveyClips } from '../../batch/survey.ts';
import { credits, formatCredits, toNumber, type Credits } from '../../core/credits.ts';
import { RbgvError } from '../../core/errors.ts';
import type { Model } from '../../core/model.ts';
import type { Outcome } from '../../core/outcome.ts';
import { expandInputs } from '../../files/expandInputs.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { makeSmokeClip } from '../../media/makeSmokeClip.ts';
import { createProber } from '../../media/probe.ts';
import { createContext, type Context, type Service } from '../context.ts';
import { exitCode, exitCodeOfOutcomes } from '../exitCodes.ts';
import { watchSignals } from '../signals.ts';
import { workPlan } from '../workPlan.ts';

export interface SmokeOptions {
  readonly maxCredits: number;
  readonly model: string;
  readonly json?: boolean;
  readonly profile?: string | undefined;
}

interface Check {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
  readonly milliseconds: number;
}

/** How long the one-second clip may take at the service. */
const JOB_TIMEOUT_MS = 10 * 60_000;

/**
 * `rbgv smoke`: shows that this profile works, end to end, for the price of one second of video.
 * Uses a ledger of its own, because the user's would find the clip paid already and send nothing.
 */
export async function smoke(options: SmokeOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, clock, profile } = context;
  const interruption = watchSignals(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-smoke-'));
  const checks: Check[] = [];
  let spent: Credits = credits(0);
  let service: Service | undefined;

  async function check(name: string, work: () => Promise<string>): Promise<void> {
    const begun = clock.monotonic();
    let passed = true;
    let detail: string;
    try {
      detail = await work();
    } catch (error) {
      passed = false;
      detail = error instanceof Error ? error.message : String(error);
    }
    const milliseconds = Math.round(clock.monotonic() - begun);
    checks.push({ name, passed, detail, milliseconds });
    if (options.json !== true) {
      terminal.out(`${passed ? 'pass' : 'FAIL'}  ${name}: ${terminal.safe(detail)}`);
    }
  }

  try {
    if (options.json !== true) terminal.err(`smoke test of profile \`${profile.label}\``);
    service = await context.openService(() => undefined);
    const { signal } = interruption;
    const connected = service;
    await check('health', async () => {
      await connected.api.health(signal);
      return 'the service answers';
    });
    await check('pricing', async () => {
      const rates = await connected.api.pricing(signal);
      return `${options.model} ${rates[options.model as Model]} credits/min`;
    });
    await check('failure path', async () => failurePath(connected, signal));
    await check('success path', async () => {
      const outcome = await runClipOnce(options, folder, connected, context, signal);
      spent = outcome.credits;
      if (outcome.status !== 'done') throw new Error(`${outcome.code}: ${outcome.reason}`);
      return `one second through \`${options.model}\`, output checked: it decodes, its alpha is real, its sound is there`;
    });
  } finally {
    interruption.dispose();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  }
  const passed = checks.every((one) => one.passed);
  if (options.json === true) {
    const report = {
      version: 1,
      profile: profile.name,
      passed,
      credits: toNumber(spent),
      max_credits: options.maxCredits,
      checks,
    };
    terminal.out(JSON.stringify(report, null, 2));
  } else {
    terminal.out(`\n${passed ? 'passed' : 'failed'}, ${formatCredits(spent)} credits`);
  }
  return interruption.exitCode() ?? exitCode(passed ? 'ok' : 'check');
}

/** A job that does not exist must be refused in the documented form; costs nothing. */
async function failurePath({ apiOnce }: Service, signal: AbortSignal): Promise<string> {
  try {
    await apiOnce.getJob('rbgv_smoke_no_such_job', signal);
  } catch (error) {
    if (error instanceof ApiError && error.outcome === 'definite' && error.status === 404) {
      return `an unknown job is refused with 404 \`${error.code}\`, request ${error.requestId ?? 'without an id'}`;
    }
    throw error;
  }
  throw new Error('an unknown job was not refused');
}

async function runClipOnce(
  { model: modelName, maxCredits }: SmokeOptions,
  folder: string,
  service: Service,
  context: Context,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, profile } = context;
  const tools = await context.tools();
  const path = join(folder, 'rbgv-smoke.mp4');
  await makeSmokeClip(path, tools);
  const ledger = openLedger(join(folder, 'state'), clock);
  try {
    const tariff = await context.tariff(service, signal);
    const { clips } = await expandInputs([path], { cwd: folder });
    const survey = await surveyClips(clips, createProber(tools), tariff, () => undefined);
    const model = modelName as Model;
    const settings = {
      model,
      format: 'webm',
      background: { type: 'transparent' },
      prompt: undefined,
    } as const;
    const outputDir = join(folder, 'results');
    const { scope } = profile;
    const input = { ...survey, scope, settings, repay: false, tariff, outputDir };
    const plan = await makePlan(input, ledger);
    if (plan.worstCase > credits(maxCredits)) {
      const cost = formatCredits(plan.worstCase);
      throw new RbgvError(
        'check',
        'over_ceiling',
        `up to ${cost} credits, if a started minute is billed, are over the ceiling of ${maxCredits}; nothing was sent`,
      );
    }
    const report = (): void => undefined;
    const caps = { run: credits(maxCredits) };
    const limits = { waitCredits: false, concurrency: 1, jobTimeoutMs: JOB_TIMEOUT_MS };
    const work = { service, ledger, report, signal, ...limits, caps, alertAt: [] };
    const { runId, outcomes } = await workPlan(plan, work, context);
    const [outcome] = outcomes;
    ledger.finishRun(runId, exitCodeOfOutcomes(outcomes));
    if (outcome === undefined) throw new Error('the built-in clip was not planned');
    return outcome;
  } finally {
    ledger.close();
  }
}
