import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Something that rbgv promises, and the experiment that would show it broken. */
export interface Proof {
  /** Of its section in RELIABILITY.md. */
  readonly heading: string;
  /**
   * @param seed fixes what is drawn: the weather, the times of kills, the points of death
   * @param share of the full size, above 0 up to 1
   */
  run(seed: number, share: number): Promise<Finding>;
}

export interface Finding {
  /** Whether the promise was kept, and the control broke it where there is one. */
  readonly holds: boolean;
  /** Markdown, with the figures of this run. */
  readonly text: string;
}

/** A share of something countable, and never nothing. */
export const portion = (full: number, share: number): number =>
  Math.max(1, Math.round(full * share));

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts a text in the place of the section of that heading in RELIABILITY.md, or at its end. */
export async function writeSection(heading: string, text: string): Promise<void> {
  const path = join(import.meta.dirname, '..', '..', 'RELIABILITY.md');
  const sections = (await readFile(path, 'utf8')).split(/^(?=## )/m);
  const section = `## ${heading}\n\n${text.trim()}\n\n`;
  const index = sections.findIndex((known) => known.startsWith(`## ${heading}\n`));
  if (index < 0) sections.push(`\n${section}`);
  else sections[index] = section;
  await writeFile(path, `${sections.join('').trimEnd()}\n`);
}
