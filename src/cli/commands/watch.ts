import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { formatCredits } from '../../core/credits.ts';
import { RbgvError } from '../../core/errors.ts';
import type { Model } from '../../core/model.ts';
import { parseTags } from '../../core/tags.ts';
import { insideOneOf } from '../../files/expandInputs.ts';
import { createOrderer } from '../clipOrders.ts';
import { confirm } from '../confirm.ts';
import { createContext, type Context } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { checkPolicy, spendingRules, type SpendingRules } from '../spendingRules.ts';
import { watchSignals } from '../signals.ts';
import { watchFolder } from '../watch/watchFolder.ts';
import type { RunOptions } from './run.ts';

export interface WatchOptions extends Omit<RunOptions, 'paths'> {
  readonly folder: string;
  readonly quarantine?: string;
  /** Seconds. */
  readonly settle: number;
  /** Seconds. */
  readonly interval: number;
  readonly once?: boolean;
}

/** `rbgv watch`: agreement once, then every clip that comes into a folder, until ^C. */
export async function watch(options: WatchOptions): Promise<number> {
  const context = createContext(options);
  const { terminal } = context;
  const defaults = readRunDefaults(options, context.store);
  const { model, format, background, prompt } = options;
  const tags = parseTags(options.tag ?? []);
  const order = createOrderer({
    flags: { model, format, background, prompt },
    defaults,
    tags,
    clipRules: context.clipRules,
  });
  const rules = spendingRules(defaults, process.cwd());
  // Now, rather than when such a clip comes.
  const models = [...new Set(order.possible().map((settings) => settings.model))];
  checkPolicy(rules, models, [tags]);
  const folder = resolve(options.folder);
  const outputDir = resolve(defaults.outputDir);
  await checkFolders(folder, outputDir);
  if (context.profile.kind === 'sandbox') {
    terminal.err('local sandbox: nothing leaves this machine, no real credits are spent');
  }
  const interruption = watchSignals(() => {
    terminal.err('stopping: waiting only for starts on the wire; once more to leave at once');
  });
  try {
    if (!(await isAgreed(options, rules, models, context, interruption.signal))) {
      terminal.err('nothing was sent');
      return interruption.exitCode() ?? exitCode('ok');
    }
    const code = await watchFolder(
      {
        ...options,
        folder,
        outputDir,
        order,
        quarantine: options.quarantine === undefined ? undefined : resolve(options.quarantine),
        concurrency: defaults.concurrency,
        jobTimeoutMs: (options.timeout ?? 360) * 60_000,
        waitCredits: options.waitCredits ?? false,
        rules,
        keepZip: options.keepZip ?? false,
        settleMs: options.settle * 1000,
        intervalMs: options.interval * 1000,
        once: options.once ?? false,
      },
      context,
      interruption,
    );
    if (interruption.exitCode() !== undefined) {
      terminal.err('\nnothing is lost: the same command goes on with what is left');
    }
    return code;
  } finally {
    interruption.dispose();
  }
}

/** @throws RbgvError of category `usage` */
async function checkFolders(folder: string, outputDir: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new RbgvError('usage', 'no_folder', `\`${folder}\` is no folder`, {
      hint: 'rbgv watches one folder and those below it',
    });
  }
  if (insideOneOf([outputDir])(folder)) {
    throw new RbgvError('usage', 'watches_results', 'the folder is where results go', {
      hint: 'choose another place for them with --output-dir',
    });
  }
}

/**
 * Whoever drops a file spends money: a limit is agreed to before, once.
 *
 * @throws RbgvError `needs_budget`, `needs_confirmation`
 */
async function isAgreed(
  { yes }: WatchOptions,
  { caps }: SpendingRules,
  models: readonly Model[],
  { profile, terminal }: Context,
  signal: AbortSignal,
): Promise<boolean> {
  if (profile.kind === 'sandbox' || (yes === true && caps.day !== undefined)) return true;
  if (caps.day === undefined) {
    throw new RbgvError('usage', 'needs_budget', 'how much may be spent in a day?', {
      hint: 'say so with --max-credits-day, such as --max-credits-day 100',
    });
  }
  const named = models.map((model) => `\`${model}\``).join(' and ');
  const question = `Spend up to ${formatCredits(caps.day)} credits a day on what comes, with ${named}?`;
  return confirm(question, terminal, signal).catch((error: unknown) => {
    if (signal.aborted) return false;
    throw error;
  });
}
