import { readFile, writeFile } from 'node:fs/promises';

import type { Work } from '../../src/sandbox/work.ts';

export const KEY = 'test-key-1';
export const OTHER_KEY = 'test-key-2';
export const ADMIN = 'test-admin-token';

/** A "clip" is a text that says how long it is. */
export function clip(seconds: number): string {
  return `seconds=${String(seconds)}`;
}

export async function probeClip(path: string): Promise<number | undefined> {
  const seconds = /^seconds=([\d.]+)/.exec(await readFile(path, 'latin1'))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Does every job at once: the output is the input and a word. */
export const quickWork: Work = async ({ inputPath, outputPath }, { onProgress }) => {
  onProgress(0.5);
  const input = await readFile(inputPath, 'utf8');
  await writeFile(outputPath, `matted ${input}`);
  return { ok: true, durationSeconds: (await probeClip(inputPath)) ?? 0, engine: 'test' };
};

export const failingWork: Work = () =>
  Promise.resolve({ ok: false, code: 'sandbox_no_confident_matte', reason: 'nothing moves' });

/** Works until the sandbox closes. */
export const endlessWork: Work = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
