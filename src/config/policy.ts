import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { tightest, type Caps } from '../core/budget.ts';
import { credits } from '../core/credits.ts';
import { RbgvError } from '../core/errors.ts';
import { MODELS, type Model } from '../core/model.ts';
import { isTagName } from '../core/tags.ts';

/** What a project allows, whatever flags, environment and stored settings say. */
export interface Policy {
  /** The files that it was read from; empty when the project has none. */
  readonly paths: readonly string[];
  readonly allowedModels: readonly Model[];
  readonly caps: Caps;
  readonly requiredTags: readonly string[];
}

const FILE_NAME = 'rbgv.policy.json';

const NO_POLICY: Policy = { paths: [], allowedModels: MODELS, caps: {}, requiredTags: [] };

const amount = z.number().min(0).max(1e9);

/**
 * Strict: a policy arrives with a project, so it has no member that could loosen anything or say
 * where a key comes from or goes to, and a misspelt cap must not pass for no cap.
 */
const policyFile = z.strictObject({
  version: z.literal(1),
  allowed_models: z.array(z.enum(MODELS)).min(1).optional(),
  max_credits: z
    .strictObject({ run: amount.optional(), day: amount.optional(), month: amount.optional() })
    .optional(),
  required_tags: z.array(z.string().refine(isTagName, 'is no name of a tag')).optional(),
});

/**
 * Reads the policy files of a folder and of the folders above it, not beyond a repository's root.
 * Each can only tighten what the others allow, so their order does not matter.
 *
 * @throws RbgvError `bad_policy`: one that cannot be understood allows nothing
 */
export function readPolicy(folder: string): Policy {
  const above = dirname(folder);
  const isRoot = above === folder || existsSync(join(folder, '.git'));
  const outer = isRoot ? NO_POLICY : readPolicy(above);
  const own = readPolicyFile(join(folder, FILE_NAME));
  if (own === undefined) return outer;
  return {
    paths: [...own.paths, ...outer.paths],
    allowedModels: outer.allowedModels.filter((model) => own.allowedModels.includes(model)),
    caps: tightest(outer.caps, own.caps),
    requiredTags: [...new Set([...outer.requiredTags, ...own.requiredTags])],
  };
}

function readPolicyFile(path: string): Policy | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw badPolicy(path, 'it cannot be read', error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badPolicy(path, 'it is no JSON', error);
  }
  const parsed = policyFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw badPolicy(path, `${where}${issue?.message ?? 'it is no policy'}`, parsed.error);
  }
  const { allowed_models, max_credits = {}, required_tags = [] } = parsed.data;
  const { run, day, month } = max_credits;
  return {
    paths: [path],
    allowedModels: allowed_models ?? MODELS,
    caps: {
      ...(run === undefined ? {} : { run: credits(run) }),
      ...(day === undefined ? {} : { day: credits(day) }),
      ...(month === undefined ? {} : { month: credits(month) }),
    },
    requiredTags: required_tags,
  };
}

function badPolicy(path: string, reason: string, cause: unknown): RbgvError {
  return new RbgvError('usage', 'bad_policy', `the policy \`${path}\` is refused: ${reason}`, {
    hint:
      'nothing was sent; its members are version (1), allowed_models, ' +
      'max_credits {run, day, month} and required_tags',
    cause,
  });
}
