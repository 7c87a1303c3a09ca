import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { OutputFormat } from '../core/model.ts';
import type { Context } from './context.ts';

/** Draws a contact sheet of the clips that are done; nothing when none is. */
export async function writeContactSheet(
  file: string,
  clips: readonly {
    readonly path: string;
    readonly relativePath: string;
    readonly outputPath: string;
  }[],
  format: OutputFormat,
  context: Context,
): Promise<void> {
  if (clips.length === 0) return;
  const { contactSheet } = await import('../media/contactSheet.ts');
  const path = resolve(file);
  await mkdir(dirname(path), { recursive: true });
  const entries = clips.map((clip) => {
    return { before: clip.path, after: clip.outputPath, format, label: clip.relativePath };
  });
  await contactSheet(entries, path, await context.tools());
  context.terminal.err(`contact sheet: ${file}`);
}
