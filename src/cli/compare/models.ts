import { RbgvError } from '../../core/errors.ts';
import { MODELS, type Model } from '../../core/model.ts';

/**
 * The models to compare: those that were named, else all that the project's policy allows.
 *
 * @throws RbgvError `too_few_models`, `prompt_needs_pro`
 */
export function modelsToCompare(
  named: readonly Model[] | undefined,
  allowed: readonly Model[],
  prompt: string | undefined,
): readonly Model[] {
  const models = named ?? MODELS.filter((model) => allowed.includes(model));
  if (models.length < 2) {
    throw new RbgvError('usage', 'too_few_models', 'a comparison takes at least two models', {
      hint: `name some: --models ${MODELS.join(',')}`,
    });
  }
  if (prompt !== undefined && !models.includes('pro')) {
    throw new RbgvError('usage', 'prompt_needs_pro', 'none of these models takes a prompt', {
      hint: 'add pro to --models, or leave --prompt out',
    });
  }
  return models;
}
