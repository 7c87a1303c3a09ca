import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { Model, OutputFormat } from '../core/model.ts';
import { plainName } from './compare/nameWithModel.ts';
import type { Context } from './context.ts';

interface Delivered {
  readonly path: string;
  readonly relativePath: string;
  readonly outputPath: string;
  readonly format: OutputFormat;
  readonly model: Model;
}

/** Draws a contact sheet of the clips that are done, a row for each file; nothing when none is. */
export async function writeContactSheet(
  file: string,
  clips: readonly Delivered[],
  context: Context,
): Promise<void> {
  if (clips.length === 0) return;
  const { contactSheet } = await import('../media/contactSheet.ts');
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true });
  const rows = new Map<string, Delivered[]>();
  for (const clip of clips) {
    const row = rows.get(clip.path);
    if (row === undefined) rows.set(clip.path, [clip]);
    else row.push(clip);
  }
  const entries = [...rows].map(([before, outputs]) => ({
    before,
    outputs: outputs.map(({ outputPath, format, model }) => {
      return { path: outputPath, format, caption: model };
    }),
    label: outputs.slice(0, 1).map(plainName).join(''),
  }));
  await contactSheet(entries, path, await context.tools());
  context.terminal.err(`contact sheet: ${file}`);
}
