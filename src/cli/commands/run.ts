import { randomBytes } from 'node:crypto';
import { dirname, resolve } from 'node:path';

import type { BatchDeps } from '../../batch/deps.ts';
import { makePlan, type Plan } from '../../batch/plan.ts';
import { runBatch } from '../../batch/runBatch.ts';
import { credits, formatCredits, toNumber } from '../../core/credits.ts';
import { RbgvError } from '../../core/errors.ts';
import type { BatchEvent } from '../../core/events.ts';
import { ALPHA_FORMATS, type Model, type OutputFormat } from '../../core/model.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { JobSettings } from '../../core/settings.ts';
import { verifyOutput } from '../../media/verify.ts';
import { parseBackground } from '../background.ts';
import { confirm } from '../confirm.ts';
import { createContext, VERSION, type Context, type Service } from '../context.ts';
import { exitCode, exitCodeOfOutcomes } from '../exitCodes.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { estimateNotes, estimateTable, rejectedText } from '../report/estimateText.ts';
import {
  createJsonReporter,
  createQuietReporter,
  createTextReporter,
  type Reporter,
} from '../report/reporter.ts';
import { summaryJson, summaryTable } from '../report/summaryText.ts';
import { watchSignals } from '../signals.ts';
import { surveyInputs } from '../surveyInputs.ts';

export interface RunOptions {
  readonly paths: readonly string[];
  readonly profile?: string | undefined;
  readonly model?: Model;
  readonly format?: OutputFormat;
  readonly background?: string;
  readonly prompt?: string;
  readonly outputDir?: string;
  readonly concurrency?: number;
  readonly maxCredits?: number;
  /** Minutes. */
  readonly timeout?: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly contactSheet?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** `rbgv run`: estimate, agreement, work, summary. Running it again resumes. */
export async function run(options: RunOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile, clock } = context;
  const defaults = readRunDefaults(options, context.store);
  const settings = jobSettings(options.prompt, defaults);
  if (profile.kind === 'sandbox') {
    terminal.err('local sandbox: nothing leaves this machine, no real credits are spent');
  }
  const relay: { to: (event: BatchEvent) => void } = { to: () => undefined };
  const interruption = watchSignals(() => {
    terminal.err('stopping: waiting only for starts on the wire; once more to leave at once');
  });
  let service: Service | undefined;
  let working = false;
  try {
    const idle = options.dryRun ?? false;
    service = await context.openService((event) => relay.to(event), { idle });
    const tariff = await context.tariff(service, interruption.signal);
    const outputDir = resolve(defaults.outputDir);
    const survey = await surveyInputs(options.paths, [outputDir], tariff, context);
    interruption.signal.throwIfAborted();
    const ledger = await context.ledger();
    const { scope } = profile;
    const plan = await makePlan({ ...survey, scope, settings, tariff, outputDir }, ledger);
    showPlan(plan, survey, options, context);
    checkBudget(plan, defaults.maxCredits);
    if (options.dryRun === true) {
      terminal.err('dry run: nothing was sent');
      return exitCode(plan.rejected.length > 0 ? 'someFailed' : 'ok');
    }
    if (options.yes !== true && plan.items.some((item) => !item.alreadyPaid)) {
      const agreed = await confirm(question(plan, profile.kind), terminal, interruption.signal);
      if (!agreed) {
        terminal.err('nothing was sent');
        return exitCode('ok');
      }
    }
    const reporter = createReporter(options, plan, context);
    relay.to = reporter.report;
    const begun = clock.monotonic();
    const runId = newRunId(clock.now());
    working = true;
    ledger.startRun({
      id: runId,
      profile: profile.name,
      scope,
      model: settings.model,
      outputDir,
      clientVersion: VERSION,
      estimate: plan.cost,
      clips: [...plan.items.map(({ clip }) => clip), ...plan.rejected],
    });
    const tools = await context.tools();
    const deps: BatchDeps = {
      runId,
      api: service.api,
      apiOnce: service.apiOnce,
      ledger,
      clock,
      random: Math.random,
      report: reporter.report,
      verify: (path, expected) => verifyOutput(path, expected, tools),
      signal: interruption.signal,
      concurrency: defaults.concurrency,
      jobTimeoutMs: (options.timeout ?? 360) * 60_000,
      quietMs: service.quietMs,
    };
    const outcomes = await runBatch(plan, deps);
    reporter.stop();
    const code = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    ledger.finishRun(runId, code);
    if (options.contactSheet !== undefined && interruption.exitCode() === undefined) {
      await writeContactSheet(options.contactSheet, outcomes, settings.format, context);
    }
    const elapsedMs = clock.monotonic() - begun;
    if (options.json === true) {
      terminal.out(JSON.stringify(summaryJson(runId, outcomes, elapsedMs, code)));
    } else {
      terminal.out(`\n${summaryTable(outcomes, elapsedMs, terminal)}`);
    }
    adviseResume(outcomes, profile.kind, terminal);
    ledger.close();
    return code;
  } catch (error) {
    const code = interruption.exitCode();
    if (code === undefined || working) throw error;
    terminal.err('interrupted: nothing was sent');
    return code;
  } finally {
    interruption.dispose();
    await service?.close();
  }
}

/**
 * What the service will be asked, checked before anything is opened.
 *
 * @throws RbgvError of category `usage`
 */
function jobSettings(
  prompt: string | undefined,
  {
    model,
    format,
    background: text,
  }: { readonly model: Model; readonly format: OutputFormat; readonly background: string },
): JobSettings {
  if (prompt !== undefined && model !== 'pro') {
    throw new RbgvError('usage', 'prompt_needs_pro', `model \`${model}\` takes no prompt`, {
      hint: 'add --model pro, or leave --prompt out',
    });
  }

  if (
    prompt !== undefined &&
    (prompt.trim() === '' || prompt.length > 1000 || /[\u0000-\u001f]/.test(prompt))
  ) {
    throw new RbgvError('usage', 'bad_prompt', 'the prompt is empty, too long or not plain text', {
      hint: 'short nouns work best: --prompt "dog, red ball"',
    });
  }
  const background = parseBackground(text);
  if (background.type === 'transparent' && !ALPHA_FORMATS.has(format)) {
    throw new RbgvError('usage', 'no_alpha_in_format', `\`${format}\` cannot be transparent`, {
      hint: 'add --background green (or another colour), or choose --format webm or mov',
    });
  }
  return { model, format, background, prompt: prompt?.trim() };
}

function showPlan(
  plan: Plan,
  survey: Parameters<typeof estimateTable>[0],
  { json, quiet, verbose = false }: RunOptions,
  { terminal, profile }: Context,
): void {
  if (json === true || quiet === true) return;
  const models = ['original', 'light', 'pro', 'human'] as const;
  terminal.err(estimateTable(survey, models, verbose, terminal));
  terminal.err('');
  terminal.err(estimateNotes(plan.tariff, profile.name, models, verbose));
  const rejected = rejectedText(plan, terminal);
  if (rejected !== '') terminal.err(`\n${rejected}`);
  const paid = plan.items.filter((item) => item.alreadyPaid).length;
  if (paid > 0) terminal.err(`\n${paid} of ${plan.items.length} clips are paid already`);
  terminal.err('');
}

function question(plan: Plan, kind: 'sandbox' | 'remote'): string {
  const count = plan.items.filter((item) => !item.alreadyPaid).length;
  const clips = count === 1 ? '1 clip' : `${count} clips`;
  const unit = kind === 'sandbox' ? 'sandbox credits (not real ones)' : 'credits';
  return `Spend ${formatCredits(plan.cost)} ${unit} on ${clips} with \`${plan.settings.model}\`?`;
}

function checkBudget(plan: Plan, maxCredits: number | undefined): void {
  if (maxCredits === undefined || plan.cost <= credits(maxCredits)) return;
  const cost = formatCredits(plan.cost);
  throw new RbgvError(
    'credits',
    'over_budget',
    `the plan costs ${cost} credits, the budget is ${maxCredits}`,
    {
      hint: 'nothing was sent; raise --max-credits, choose a cheaper model, or give fewer clips',
    },
  );
}

function createReporter(options: RunOptions, plan: Plan, { terminal }: Context): Reporter {
  if (options.json === true) {
    terminal.out(
      JSON.stringify({
        type: 'plan',
        version: 1,
        clips: plan.items.length,
        rejected: plan.rejected.length,
        credits: toNumber(plan.cost),
        worst_case_credits: toNumber(plan.worstCase),
      }),
    );
    return createJsonReporter(terminal);
  }
  if (options.quiet === true) return createQuietReporter(terminal);
  const total = plan.items.length + plan.rejected.length;
  return createTextReporter(total, { verbose: options.verbose ?? false }, terminal);
}

/** Sorts by time and never repeats: `20261120-221530-4f1c`. */
function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

async function writeContactSheet(
  file: string,
  outcomes: readonly Outcome[],
  format: OutputFormat,
  context: Context,
): Promise<void> {
  const entries = outcomes.flatMap((outcome) =>
    outcome.status === 'done'
      ? [{ before: outcome.path, after: outcome.outputPath, format, label: outcome.relativePath }]
      : [],
  );
  if (entries.length === 0) return;
  const { contactSheet } = await import('../../media/contactSheet.ts');
  const { mkdir } = await import('node:fs/promises');
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true });
  await contactSheet(entries, path, await context.tools());
  context.terminal.err(`contact sheet: ${file}`);
}

function adviseResume(
  outcomes: readonly Outcome[],
  kind: 'sandbox' | 'remote',
  terminal: Context['terminal'],
): void {
  const pending = outcomes.filter((outcome) => outcome.status === 'pending');
  if (pending.length === 0) return;
  const paid = pending.filter((outcome) => outcome.paid).length;
  if (paid > 0 && kind === 'remote') {
    terminal.err(
      `\n${paid} jobs go on at the service and are paid already; their outputs wait there`,
    );
  }
  const command = process.argv.slice(2).map(shellQuoted).join(' ');
  terminal.err(`\n${pending.length} clips are left; nothing is lost. To go on:\n  rbgv ${command}`);
}

function shellQuoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
