import { resolve } from 'node:path';

import { makePlan, type ClipOrder } from '../../batch/plan.ts';
import type { Model, OutputFormat } from '../../core/model.ts';
import { parseTags } from '../../core/tags.ts';
import { createOrderer } from '../clipOrders.ts';
import { readComposition } from '../composition.ts';
import { createContext } from '../context.ts';
import { findManifest } from '../manifest.ts';
import { mendClips, type Mending } from '../mendClips.ts';
import { endsText } from '../report/endsText.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { runSession } from '../session/runSession.ts';
import type { SessionOptions } from '../session/sessionOptions.ts';
import { checkPolicy, spendingRules } from '../spendingRules.ts';
import { surveyInputs } from '../surveyInputs.ts';

export interface RunOptions extends SessionOptions, Mending {
  readonly paths: readonly string[];
  readonly profile?: string | undefined;
  readonly model?: Model;
  readonly format?: OutputFormat;
  readonly background?: string;
  readonly prompt?: string;
  /** Path of a JSON file. */
  readonly composition?: string;
  readonly outputDir?: string;
  readonly keepZip?: boolean;
  /** `name=value` pairs. */
  readonly tag?: readonly string[];
}

/** `rbgv run`: estimate, agreement, work, summary. Running it again resumes. */
export async function run(options: RunOptions): Promise<number> {
  const context = createContext(options);
  const defaults = readRunDefaults(options, context.store);
  const { model, format, background, prompt } = options;
  const { composition } = options;
  const rules = spendingRules(defaults, process.cwd());
  const manifest = await findManifest(options.paths);
  const order = createOrderer({
    flags: { model, format, background, prompt },
    defaults,
    tags: parseTags(options.tag ?? []),
    clipRules: context.clipRules,
    composition: composition === undefined ? undefined : readComposition(composition),
  });
  const settings = order.plain;
  const check = (orders: readonly Required<Pick<ClipOrder, 'settings' | 'tags'>>[]): void => {
    checkPolicy(
      rules,
      orders.map((one) => one.settings.model),
      orders.map((one) => one.tags),
    );
  };
  // Where rules look into clips, they have to be opened before anything can be said.
  if (context.clipRules.length === 0) check(order.clips(manifest?.clips ?? [{}]));
  const outputDir = resolve(defaults.outputDir);
  const { scope } = context.profile;
  const { concurrency } = defaults;
  return runSession({ ...options, concurrency }, rules, context, async (tariff, ledger, signal) => {
    const { paths, repay = false, keepZip = false } = options;
    const survey = await surveyInputs(paths, [outputDir], manifest, tariff, context, signal);
    const mended = await mendClips(survey, options, tariff, ledger, context, signal);
    const { estimates, sources, rejected, ends } = mended;
    const orders = order.clips(sources, estimates);
    check(orders);
    const jobs = { orders, scope, settings, repay, tariff, outputDir, keepZip };
    const plan = await makePlan({ estimates, rejected, ...jobs }, ledger);
    const priced = plan.items.map(({ clip, settings }) => ({ clip, models: [settings.model] }));
    const text = endsText(ends, priced, tariff, context.terminal);
    if (text !== undefined && options.quiet !== true) context.terminal.err(`${text}\n`);
    return plan;
  });
}
