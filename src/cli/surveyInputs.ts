import { surveyClips, type Survey } from '../batch/survey.ts';
import { RbgvError } from '../core/errors.ts';
import type { Tariff } from '../core/estimate.ts';
import { expandInputs } from '../files/expandInputs.ts';
import { readPathList } from '../files/readPathList.ts';
import { createProber } from '../media/probe.ts';
import type { Context } from './context.ts';
import { createProgressLine } from './report/progressLine.ts';

/**
 * From what a person typed to priced clips.
 *
 * @param exclude absolute folders that are not inputs, such as the results folder
 * @throws RbgvError `no_clips` when nothing at all was found
 */
export async function surveyInputs(
  paths: readonly string[],
  exclude: readonly string[],
  tariff: Tariff,
  context: Context,
  signal?: AbortSignal,
): Promise<Survey> {
  const list = paths.includes('-')
    ? [...paths.filter((path) => path !== '-'), ...(await readPathList(process.stdin))]
    : paths;
  const found = await expandInputs(list, { cwd: process.cwd(), exclude });
  signal?.throwIfAborted();
  if (found.clips.length + found.rejected.length === 0) {
    throw new RbgvError('usage', 'no_clips', 'no video files found', {
      hint: 'rbgv takes .mp4, .mov, .webm and .avi files, and folders that hold some',
    });
  }
  const progress = createProgressLine(context.terminal);
  try {
    const survey = await surveyClips(
      found.clips,
      createProber(await context.tools()),
      tariff,
      (count) => progress.update(`looking at clips: ${count}/${found.clips.length}`),
      signal,
    );
    return { ...survey, rejected: [...found.rejected, ...survey.rejected] };
  } finally {
    progress.stop();
  }
}
