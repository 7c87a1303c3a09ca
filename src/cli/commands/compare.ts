import { relative, resolve } from 'node:path';

import { makePlan } from '../../batch/plan.ts';
import { MODELS, type Model, type OutputFormat } from '../../core/model.ts';
import { shellQuote } from '../../core/shellQuote.ts';
import { parseTags } from '../../core/tags.ts';
import type { RunClip } from '../../ledger/runs.ts';
import { cutSamples } from '../compare/cutSamples.ts';
import { COMPARABLE_FORMATS } from '../compare/formats.ts';
import { modelsToCompare } from '../compare/models.ts';
import { nameWithModel } from '../compare/nameWithModel.ts';
import { createContext } from '../context.ts';
import { findRun } from '../findRun.ts';
import { jobSettings } from '../jobSettings.ts';
import { mendClips, type Mending } from '../mendClips.ts';
import { comparisonJson, comparisonPlan, comparisonTable } from '../report/comparisonText.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { runSession } from '../session/runSession.ts';
import type { SessionOptions } from '../session/sessionOptions.ts';
import { checkPolicy, spendingRules } from '../spendingRules.ts';
import { surveyInputs } from '../surveyInputs.ts';
import { describeRun } from '../writeReport.ts';

export interface CompareOptions extends SessionOptions, Pick<Mending, 'transcodeToFit'> {
  readonly paths: readonly string[];
  readonly profile?: string | undefined;
  /** Default: all that the policy allows. */
  readonly models?: readonly Model[];
  /** Seconds of each clip; default: all of it. */
  readonly sample?: number;
  /** Seconds from each clip's beginning to the sample. */
  readonly from?: number;
  readonly format?: OutputFormat;
  /** For `pro` alone. */
  readonly prompt?: string;
  readonly outputDir: string;
  /** `name=value` pairs. */
  readonly tag?: readonly string[];
}

/** `rbgv compare`: the same clips through several models, in one run; then what each came to. */
export async function compare(options: CompareOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile } = context;
  const defaults = readRunDefaults(options, context.store);
  const rules = spendingRules(defaults, process.cwd());
  const models = modelsToCompare(options.models, rules.policy.allowedModels, options.prompt);
  const tags = parseTags(options.tag ?? []);
  checkPolicy(rules, models, [tags]);
  const format = COMPARABLE_FORMATS.find((one) => one === defaults.format) ?? 'webm';
  const settings = models.map((model) => {
    const prompt = model === 'pro' ? options.prompt : undefined;
    return jobSettings([{ model, format, background: 'transparent', prompt }], defaults);
  });
  const [first] = settings;
  if (first === undefined) throw new Error('a comparison has models');
  const outputDir = resolve(options.outputDir);
  const { from = 0, sample: seconds = Infinity, transcodeToFit = false, repay = false } = options;
  /** Clips that go through the models as they are: what is paid for them serves a real run too. */
  const wholes = new Set<string>();

  const { concurrency } = defaults;
  return runSession(
    { ...options, concurrency },
    rules,
    context,
    async (tariff, ledger, signal) => {
      const { paths } = options;
      const found = await surveyInputs(paths, [outputDir], undefined, tariff, context, signal);
      const mended = await mendClips(found, { transcodeToFit }, tariff, ledger, context, signal);
      const sample = { fromSeconds: from, seconds };
      const samples = await cutSamples(mended.estimates, sample, tariff, ledger, context, signal);
      for (const estimate of samples) {
        if (found.estimates.includes(estimate)) wholes.add(estimate.clip.path);
      }
      const pairs = samples.flatMap(({ clip, byModel }) =>
        settings.map((each) => {
          const relativePath = nameWithModel(clip.relativePath, each.model);
          return { estimate: { clip: { ...clip, relativePath }, byModel }, settings: each };
        }),
      );
      return makePlan(
        {
          ...{ scope: profile.scope, settings: first, repay, tariff, outputDir },
          estimates: pairs.map(({ estimate }) => estimate),
          orders: pairs.map((pair) => ({ settings: pair.settings, tags })),
          rejected: mended.rejected,
        },
        ledger,
      );
    },
    {
      planTable: comparisonPlan,
      async ended(runId, ledger, signal) {
        const run = findRun(ledger, runId);
        const report = await describeRun(run, run.outputDir, ledger, context, signal);
        const { comparisons, clips } = report;
        const rows = ledger.clips(runId);
        const chosen = comparisons.flatMap(({ outputs }) => {
          const choice = outputs.find(({ judgement }) => judgement.isChoice);
          return (choice && rows[clips.indexOf(choice.clip)]) ?? [];
        });
        return {
          report,
          table: comparisonTable(comparisons, terminal),
          json: comparisonJson(comparisons),
          afterword: paidText(chosen.filter(({ path }) => wholes.has(path))),
        };
      },
    },
  );
}

/** The commands that now cost nothing, one for each model that was chosen. */
function paidText(chosen: readonly RunClip[]): string | undefined {
  const commands = MODELS.flatMap((model) => {
    const clips = chosen.filter(({ settings }) => settings.model === model);
    const [first] = clips;
    if (first === undefined) return [];
    const { format, prompt } = first.settings;
    const words = ['rbgv', 'run', '--model', model, '--format', format];
    if (prompt !== undefined) words.push('--prompt', prompt);
    words.push('--background', 'transparent', ...clips.map(({ path }) => relative('', path)));
    return [`  ${words.map(shellQuote).join(' ')}`];
  });
  return commands.length === 0 ? undefined : `\nalready paid for:\n${commands.join('\n')}`;
}
