import { resolve } from 'node:path';

import { makePlan } from '../../batch/plan.ts';
import { RbgvError } from '../../core/errors.ts';
import { ALPHA_FORMATS, type Model, type OutputFormat } from '../../core/model.ts';
import type { JobSettings } from '../../core/settings.ts';
import { parseTags } from '../../core/tags.ts';
import { parseBackground } from '../background.ts';
import { readComposition } from '../composition.ts';
import { createContext } from '../context.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { runSession, type SessionOptions } from '../runSession.ts';
import { checkPolicy, spendingRules } from '../spendingRules.ts';
import { surveyInputs } from '../surveyInputs.ts';

export interface RunOptions extends SessionOptions {
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
  const { composition } = options;
  const settings: JobSettings = {
    ...jobSettings(options.prompt, defaults),
    ...(composition === undefined ? {} : { composition: readComposition(composition) }),
  };
  const rules = spendingRules(defaults, process.cwd());
  const tags = parseTags(options.tag ?? []);
  checkPolicy(rules, settings.model, [tags]);
  const outputDir = resolve(defaults.outputDir);
  const { scope } = context.profile;
  const { concurrency } = defaults;
  return runSession({ ...options, concurrency }, rules, context, async (tariff, ledger, signal) => {
    const survey = await surveyInputs(options.paths, [outputDir], tariff, context, signal);
    const repay = options.repay ?? false;
    const tagsOfClips = survey.estimates.map(() => tags);
    const keepZip = options.keepZip ?? false;
    const jobs = { scope, settings, repay, tariff, outputDir, keepZip };
    return makePlan({ ...survey, ...jobs, tags: tagsOfClips }, ledger);
  });
}

/**
 * What the service will be asked, checked before anything is opened.
 *
 * @throws RbgvError of category `usage`
 */
export function jobSettings(
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
