import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { OutputFormat } from '../core/model.ts';
import type { Steadiness } from '../core/steadiness.ts';
import type { Container } from './container.ts';
import { isCutShort } from './cutShort.ts';
import { withOpenedFile } from './openedFile.ts';
import { decoderOptions } from './decoderOptions.ts';
import { examinePngs, examineWebp } from './examineStills.ts';
import { runGraph } from './ffmpegGraph.ts';
import { ffprobe } from './ffprobe.ts';
import { collectFrames, REPORT_FRAMES } from './frameReport.ts';

/** What was found in an output after all of it has been decoded. */
export interface Examination {
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  /**
   * How long it lasts, in microseconds, by each way of reading it, the surest first. Empty where
   * only the number of frames is known (a PNG sequence).
   */
  readonly durationsUs: readonly number[];
  readonly hasAudio: boolean;
  /** The range of alpha over all frames, 0..255. */
  readonly lowestAlpha: number;
  readonly highestAlpha: number;
  /** `undefined` where a frame's own alpha is not what is seen (frames drawn over others). */
  readonly steadiness: Steadiness | undefined;
}

/** The containers that each output format may come in. */
export const CONTAINERS_OF: Readonly<Record<OutputFormat, Container>> = {
  webm: 'webm',
  mov: 'mov',
  mp4: 'mp4',
  gif: 'gif',
  webp: 'webp',
  png_sequence: 'zip',
};

/**
 * Decodes the whole of an output and reports what is in it, in constant memory.
 *
 * @throws Error that says why it cannot be decoded
 */
export async function examine(
  path: string,
  format: OutputFormat,
  tools: FfmpegTools,
): Promise<Examination> {
  if (format === 'webp') return await examineWebp(path, tools);
  if (format === 'png_sequence') return await examinePngs(path, tools);
  return await examineVideo(path, format, tools);
}

async function examineVideo(
  path: string,
  format: OutputFormat,
  tools: FfmpegTools,
): Promise<Examination> {
  if (await withOpenedFile(path, (file) => isCutShort(file, CONTAINERS_OF[format]))) {
    throw new Error('the file ends before its data does');
  }
  const reading = await ffprobe(path, tools);
  if (!reading.ok) throw new Error(reading.reason);
  const { video, hasAudio } = reading.value;
  if (video === undefined) throw new Error('it holds no picture');
  const frames = collectFrames();
  const complaint = await runGraph(
    {
      input: path,
      inputOptions: decoderOptions(video.codec),
      filter: `[0:${video.index}]${REPORT_FRAMES}[frames]`,
      outputOptions: ['-map', '[frames]', '-map', '0:a?', '-f', 'null'],
      output: '-',
    },
    tools,
    frames.take,
  );
  if (complaint !== undefined) throw new Error(complaint);
  const { count, firstUs, lastUs, ...alpha } = frames.report();
  const headerUs = video.durationUs ?? reading.value.durationUs;
  // Frames say when they begin; the last one lasts about as long as the others.
  const decodedUs = count > 1 ? ((lastUs - firstUs) * count) / (count - 1) : undefined;
  // A GIF's last delay can be long, and its header has been summed up from all delays.
  const durationsUs = format === 'gif' ? [headerUs] : [decodedUs ?? headerUs, video.durationUs];
  return {
    width: video.width,
    height: video.height,
    frameCount: count,
    durationsUs: durationsUs.filter((duration) => duration !== undefined),
    hasAudio,
    ...alpha,
  };
}
