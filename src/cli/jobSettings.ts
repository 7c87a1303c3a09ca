import { RbgvError } from '../core/errors.ts';
import { ALPHA_FORMATS } from '../core/model.ts';
import type { JobSettings, Wishes } from '../core/settings.ts';
import { parseBackground } from './background.ts';
import type { RunDefaults } from './runDefaults.ts';

/**
 * What the service will be asked.
 *
 * @param wishes the first that says something about a member counts
 * @throws RbgvError of category `usage` for what does not go together
 */
export function jobSettings(
  wishes: readonly Wishes[],
  defaults: Pick<RunDefaults, 'model' | 'format' | 'background'>,
): JobSettings {
  const first = <Name extends keyof Wishes>(name: Name): Wishes[Name] =>
    wishes.find((wish) => wish[name] !== undefined)?.[name];
  const { model = defaults.model, format = defaults.format } = {
    model: first('model'),
    format: first('format'),
  };
  const prompt = first('prompt');
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
  const background = parseBackground(first('background') ?? defaults.background);
  if (background.type === 'transparent' && !ALPHA_FORMATS.has(format)) {
    throw new RbgvError('usage', 'no_alpha_in_format', `\`${format}\` cannot be transparent`, {
      hint: 'add --background green (or another colour), or choose --format webm or mov',
    });
  }
  return { model, format, background, prompt: prompt?.trim() };
}
