import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import type { ClipRule } from '../core/clipRule.ts';
import { RbgvError } from '../core/errors.ts';
import { clipRule, toClipRule } from './clipRule.ts';
import { STORED_SETTINGS, type StoredSetting } from './store.ts';

/** The name of a project's settings, kept beside its clips and checked in with them. */
export const PROJECT_FILE = 'rbgv.config.json';

export interface ProjectSettings {
  /** `undefined` when there is no such file. */
  readonly path: string | undefined;
  setting(name: StoredSetting): string | undefined;
  /** What is asked for some clips and not for others; the first that matches counts. */
  readonly rules: readonly ClipRule[];
}

/**
 * Left to the user: who hears of spending, and the limits over all projects, which a project
 * tightens in its policy file.
 */
const USERS_OWN: ReadonlySet<StoredSetting> = new Set([
  'alert-url',
  'max-credits-day',
  'max-credits-month',
]);

const SETTINGS = STORED_SETTINGS.filter((name) => !USERS_OWN.has(name));

/**
 * Where a key goes and where it comes from is no setting here: the file may have arrived with
 * somebody else's project.
 */
const SETTING_VALUE = z.union([z.string(), z.number()]).optional();
const file = z.strictObject({
  ...(Object.fromEntries(SETTINGS.map((name) => [name, SETTING_VALUE])) as Record<
    StoredSetting,
    typeof SETTING_VALUE
  >),
  rules: z.array(clipRule).max(100).optional(),
});

/**
 * Reads the settings of the project that a folder belongs to: `rbgv.config.json` there or in the
 * nearest folder above, not beyond a repository's root.
 *
 * @throws RbgvError `bad_project_file` when it is not an object of known settings
 */
export function readProjectFile(folder: string): ProjectSettings {
  const path = findUpwards(folder);
  if (path === undefined) return { path, setting: () => undefined, rules: [] };
  const { rules = [], ...settings } = parse(path);
  return {
    path,
    rules: rules.map(toClipRule),
    setting(name) {
      const value = settings[name];
      return value === undefined ? undefined : String(value);
    },
  };
}

function findUpwards(folder: string): string | undefined {
  const path = join(folder, PROJECT_FILE);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return existsSync(join(folder, '.git')) || parent === folder ? undefined : findUpwards(parent);
}

function parse(path: string): z.infer<typeof file> {
  try {
    return file.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? (cause.issues[0]?.message ?? '') : (cause as Error).message;
    throw new RbgvError('usage', 'bad_project_file', `\`${path}\` cannot be used: ${why}`, {
      hint: `a JSON object; known members: ${SETTINGS.join(', ')}, rules`,
      cause,
    });
  }
}
