import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { makePlan } from '../../batch/plan.ts';
import { surveyClips } from '../../batch/survey.ts';
import { credits, formatCredits, toNumber, type Credits } from '../../core/credits.ts';
import { RbgvError } from '../../core/errors.ts';
import type { Model } from '../../core/model.ts';
import type { Outcome } from '../../core/outcome.ts';
import { expandInputs } from '../../files/expandInputs.ts';
import { writeWholeFile } from '../../files/wholeFile.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { makeSmokeClip } from '../../media/makeSmokeClip.ts';
import { createProber } from '../../media/probe.ts';
import { createContext, type Context, type Service } from '../context.ts';
import { exitCode, exitCodeOfOutcomes } from '../exitCodes.ts';
import { watchSignals } from '../signals.ts';
import { compareBilling, creditsUsed } from '../smoke/billing.ts';
import { createCheckList } from '../smoke/checkList.ts';
import { refusesNoVideo, refusesUnknownJob, refusesUnknownKey } from '../smoke/failurePaths.ts';
import { junitXml } from '../smoke/junit.ts';
import { workPlan } from '../workPlan.ts';

export interface SmokeOptions {
  readonly maxCredits: number;
  readonly model: string;
  readonly json?: boolean;
  /** Write the checks there as JUnit XML. */
  readonly junit?: string;
  readonly profile?: string | undefined;
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
  const { signal } = interruption;
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-smoke-'));
  const asText = options.json !== true;
  const { check, results } = createCheckList(clock, ({ name, passed, detail }) => {
    if (asText) terminal.out(`${passed ? 'pass' : 'FAIL'}  ${name}: ${terminal.safe(detail)}`);
  });
  let spent: Credits = credits(0);
  let service: Service | undefined;
  try {
    if (asText) terminal.err(`smoke test of profile \`${profile.label}\``);
    service = await context.openService(() => undefined);
    const connected = service;
    let before: number | undefined;
    await check('health', async () => {
      await connected.api.health(signal);
      return 'the service answers';
    });
    await check('pricing', async () => {
      const rates = await connected.api.pricing(signal);
      return `${options.model} ${rates[options.model as Model]} credits/min`;
    });
    await check('valid key', async () => {
      before = await creditsUsed(connected.api, signal);
      return 'the service takes the key';
    });
    await check('invalid key', () => refusesUnknownKey(connected, signal));
    await check('unknown job', () => refusesUnknownJob(connected, signal));
    await check('failure path', () => refusesNoVideo(folder, connected, context, signal));
    let jobId: string | undefined;
    await check('success path', async () => {
      const outcome = await runClipOnce(options, folder, connected, context, signal);
      spent = outcome.credits;
      jobId = outcome.jobId;
      if (outcome.status !== 'done') throw new Error(`${outcome.code}: ${outcome.reason}`);
      return `one second through \`${options.model}\`, output checked: it decodes, its alpha is real, its sound is there`;
    });
    if (jobId !== undefined) {
      const paid = { jobId, booked: spent, before };
      const sleep = (ms: number): Promise<void> => clock.sleep(ms, signal);
      await check('billing', () => compareBilling(connected, paid, sleep, signal));
    }
  } finally {
    interruption.dispose();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  }
  const passed = results.every((one) => one.passed);
  if (options.junit !== undefined) {
    await writeWholeFile(resolve(options.junit), junitXml(profile.name, results));
  }
  if (asText) {
    terminal.out(`\n${passed ? 'passed' : 'failed'}, ${formatCredits(spent)} credits`);
  } else {
    const { maxCredits } = options;
    const sums = { credits: toNumber(spent), max_credits: maxCredits };
    const report = { version: 1, profile: profile.name, passed, ...sums, checks: results };
    terminal.out(JSON.stringify(report, null, 2));
  }
  return interruption.exitCode() ?? exitCode(passed ? 'ok' : 'check');
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
    if (plan.cost > credits(maxCredits)) {
      const cost = formatCredits(plan.cost);
      throw new RbgvError(
        'check',
        'over_ceiling',
        `${cost} credits are over the ceiling of ${maxCredits}; nothing was sent`,
      );
    }
    const report = (): void => undefined;
    const limits = {
      waitCredits: false,
      onHint: undefined,
      concurrency: 1,
      order: 'given',
      jobTimeoutMs: JOB_TIMEOUT_MS,
    } as const;
    const work = { service, ledger, report, signal, ...limits };
    const { runId, outcomes } = await workPlan(plan, work, context);
    const [outcome] = outcomes;
    ledger.finishRun(runId, exitCodeOfOutcomes(outcomes));
    if (outcome === undefined) throw new Error('the built-in clip was not planned');
    return outcome;
  } finally {
    ledger.close();
  }
}
