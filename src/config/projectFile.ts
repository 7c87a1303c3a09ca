import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { RbgvError } from '../core/errors.ts';
import { STORED_SETTINGS, type StoredSetting } from './store.ts';

/** The name of a project's settings, kept beside its clips and checked in with them. */
export const PROJECT_FILE = 'rbgv.config.json';

export interface ProjectSettings {
  /** `undefined` when there is no such file. */
  readonly path: string | undefined;
  setting(name: StoredSetting): string | undefined;
}

/**
 * Where a key goes and where it comes from is no setting here: the file may have arrived with
 * somebody else's project.
 */
const file = z.strictObject(
  Object.fromEntries(
    STORED_SETTINGS.map((name) => [name, z.union([z.string(), z.number()]).optional()]),
  ),
);

/**
 * Reads the settings of the project that a folder belongs to: `rbgv.config.json` there or in the
 * nearest folder above, not beyond a repository's root.
 *
 * @throws RbgvError `bad_project_file` when it is not an object of known settings
 */
export function readProjectFile(folder: string): ProjectSettings {
  const path = findUpwards(folder);
  if (path === undefined) return { path, setting: () => undefined };
  const settings = parse(path);
  return {
    path,
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
      hint: `a JSON object; known members: ${STORED_SETTINGS.join(', ')}`,
      cause,
    });
  }
}
