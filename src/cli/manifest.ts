import { stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, relative, resolve } from 'node:path';

import { z } from 'zod';

import type { Clip, RejectedClip } from '../core/clip.ts';
import { RbgvError } from '../core/errors.ts';
import { EXTENSIONS, MODELS, OUTPUT_FORMATS, type OutputFormat } from '../core/model.ts';
import type { Wishes } from '../core/settings.ts';
import { parseTags, type Tags } from '../core/tags.ts';
import { clipFromFile } from '../files/clipFromFile.ts';
import { readTable, type LineProblem, type TableRow } from '../files/readTable.ts';

/** What a manifest says about one clip. */
export interface ManifestRow {
  readonly line: number;
  readonly wishes: Wishes;
  /** Below the output folder, with `/`. */
  readonly output: string | undefined;
  readonly tags: Tags;
}

export interface ListedClip extends Clip {
  /** `undefined` for a clip that was found otherwise. */
  readonly row?: ManifestRow;
}

export interface Manifest {
  readonly clips: readonly ListedClip[];
  readonly rejected: readonly (RejectedClip & Pick<ListedClip, 'row'>)[];
}

const isManifest = (path: string): boolean => /\.(csv|jsonl|ndjson)$/i.test(path);

/**
 * Reads and judges the manifest that a command names instead of clips.
 *
 * @returns `undefined` when it names clips
 * @throws RbgvError `bad_manifest` with every line that is wrong
 */
export async function findManifest(paths: readonly string[]): Promise<Manifest | undefined> {
  const path = paths.find(isManifest);
  if (path === undefined) return undefined;
  if (paths.length > 1) {
    throw new RbgvError('usage', 'manifest_alone', `\`${path}\` is a manifest, and stands alone`, {
      hint: 'name one manifest, or clips',
    });
  }
  const table = await readTable(path).catch((error: unknown) => {
    if (error instanceof RbgvError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new RbgvError('usage', 'no_manifest', `\`${path}\` cannot be read (${code})`);
  });
  const folder = dirname(resolve(path));
  const clips: ListedClip[] = [];
  const rejected: (RejectedClip & Pick<ListedClip, 'row'>)[] = [];
  const problems: LineProblem[] = [...table.problems];
  for (const row of table.rows) {
    const judged = await judge(row, folder);
    if ('problems' in judged) {
      problems.push(...judged.problems.map((reason) => ({ line: row.line, reason })));
    } else if ('code' in judged) rejected.push(judged);
    else clips.push(judged);
  }
  if (problems.length > 0) throw badManifest(problems);
  if (table.rows.length === 0) throw badManifest([{ line: 1, reason: 'it lists no clip' }]);
  return { clips, rejected };
}

const MOST_PROBLEMS = 100;

/** One error for all that is wrong, in the order of the file. */
export function badManifest(problems: readonly LineProblem[]): RbgvError {
  const lines = [...problems]
    .sort((a, b) => a.line - b.line)
    .slice(0, MOST_PROBLEMS)
    .map(({ line, reason }) => `line ${line}: ${reason}`);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return new RbgvError('usage', 'bad_manifest', 'the manifest cannot be used', {
    details: lines,
    hint:
      'nothing was sent; columns: path, model, prompt, background, format, output and tag.<name> ' +
      '(in JSON lines: tags, an object)',
  });
}

/** The name with the extension of a format, unless it ends in it. */
export function withExtension(name: string, format: OutputFormat): string {
  const extension = EXTENSIONS[format];
  return extname(name).toLowerCase() === extension ? name : name + extension;
}

const words = z.string().min(1).max(4_000);

const cells = z.strictObject({
  path: words.refine((path) => !/^[a-z][a-z0-9+.-]+:\/\//i.test(path), {
    error: 'is a URL: download it and name the file',
  }),
  model: z.enum(MODELS).nullish(),
  format: z.enum(OUTPUT_FORMATS).nullish(),
  background: words.nullish(),
  prompt: words.nullish(),
  output: words.refine(isBelow, { error: 'is no path below the output folder' }).nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
});

/** No way out of the output folder, on whatever system. */
function isBelow(path: string): boolean {
  return (
    !/^[/\\]|^[a-z]:|\\|[\u0000-\u001f]/i.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

async function judge(
  { line, cells: written }: TableRow,
  folder: string,
): Promise<
  ListedClip | (RejectedClip & Pick<ListedClip, 'row'>) | { readonly problems: readonly string[] }
> {
  const parsed = cells.safeParse(withTags(written));
  if (!parsed.success) {
    return { problems: parsed.error.issues.map(problemText) };
  }
  const { path: named, model, format, background, prompt, output, tags } = parsed.data;
  const problems: string[] = [];
  let ownTags: Tags = {};
  try {
    ownTags = parseTags(Object.entries(tags ?? {}).map(([name, value]) => `${name}=${value}`));
  } catch (error) {
    problems.push((error as Error).message);
  }
  const path = resolve(folder, named);
  const below = relative(folder, path);
  const isInside = below !== '' && !below.startsWith('..') && !isAbsolute(below);
  const relativePath = isInside ? below.replaceAll('\\', '/') : basename(path);
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) problems.push(`\`${named}\`: no such file`);
  if (stats?.isDirectory() === true) problems.push(`\`${named}\` is a folder`);
  if (stats === undefined || problems.length > 0) return { problems };
  const clip = clipFromFile(path, relativePath, stats);
  const wishes: Wishes = {
    model: model ?? undefined,
    format: format ?? undefined,
    background: background ?? undefined,
    prompt: prompt ?? undefined,
  };
  return { ...clip, row: { line, wishes, output: output ?? undefined, tags: ownTags } };
}

/** A table's columns `tag.customer` are what the member `tags` is in JSON. */
function withTags(written: TableRow['cells']): unknown {
  const columns = Object.entries(written).filter(([name]) => name.startsWith('tag.'));
  if (columns.length === 0) return written;
  const rest = Object.fromEntries(
    Object.entries(written).filter(([name]) => !name.startsWith('tag.')),
  );
  return {
    ...rest,
    tags: Object.fromEntries(columns.map(([name, value]) => [name.slice(4), value])),
  };
}

function problemText({ path, message, code, ...issue }: z.core.$ZodIssue): string {
  if (code === 'unrecognized_keys' && 'keys' in issue) {
    return `unknown column ${issue.keys.map((key) => `\`${key}\``).join(', ')}`;
  }
  return `\`${path.join('.')}\`: ${message}`;
}
