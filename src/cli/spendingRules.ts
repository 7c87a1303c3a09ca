import { readPolicy, type Policy } from '../config/policy.ts';
import { tightest, type Caps } from '../core/budget.ts';
import { credits } from '../core/credits.ts';
import { RbgvError } from '../core/errors.ts';
import type { Model } from '../core/model.ts';
import type { Tags } from '../core/tags.ts';
import type { RunDefaults } from './runDefaults.ts';

/** What a run may spend and whom it tells, from a person's settings and the project's policy. */
export interface SpendingRules {
  readonly caps: Caps;
  /** Percentages of a budget, 1..100. */
  readonly alertAt: readonly number[];
  /** Where alerts are posted. */
  readonly alertUrl: string | undefined;
  readonly policy: Policy;
}

/**
 * @param folder where the search for the project's policy begins
 * @throws RbgvError `bad_policy`
 */
export function spendingRules(defaults: RunDefaults, folder: string): SpendingRules {
  const { maxCredits, maxCreditsDay, maxCreditsMonth, alertAt, alertUrl } = defaults;
  const policy = readPolicy(folder);
  const own: Caps = {
    ...(maxCredits === undefined ? {} : { run: credits(maxCredits) }),
    ...(maxCreditsDay === undefined ? {} : { day: credits(maxCreditsDay) }),
    ...(maxCreditsMonth === undefined ? {} : { month: credits(maxCreditsMonth) }),
  };
  return { caps: tightest(own, policy.caps), alertAt, alertUrl, policy };
}

/**
 * Holds what is about to be done against the project's policy, before anything is opened.
 *
 * @throws RbgvError `against_policy`
 */
export function checkPolicy(
  { policy }: SpendingRules,
  models: readonly Model[],
  tags: readonly Tags[],
): void {
  const { allowedModels, requiredTags, paths } = policy;
  const where = paths.map((path) => `\`${path}\``).join(' and ');
  const model = models.find((one) => !allowedModels.includes(one));
  if (model !== undefined) {
    throw new RbgvError('usage', 'against_policy', `${where} does not allow model \`${model}\``, {
      hint: `nothing was sent; allowed: ${allowedModels.join(', ')}`,
    });
  }
  const missing = requiredTags.filter((name) => tags.some((tag) => tag[name] === undefined));
  if (missing.length > 0) {
    const names = missing.map((name) => `\`${name}\``).join(', ');
    throw new RbgvError('usage', 'against_policy', `${where} asks for the tags ${names}`, {
      hint: `nothing was sent; add ${missing.map((name) => `--tag ${name}=…`).join(' ')}`,
    });
  }
}
