import { extname } from 'node:path';

import type { Clip, MediaInfo, ProbedClip, RejectedClip, RejectionCode } from '../core/clip.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { Container } from './container.ts';
import { containerOf } from './container.ts';
import { conversionCommand, renameCommand } from './conversion.ts';
import { isCutShort } from './cutShort.ts';
import type { FfprobeReading, VideoStream } from './ffprobe.ts';
import { ffprobe, measureDuration } from './ffprobe.ts';
import type { OpenedFile } from './openedFile.ts';
import { withOpenedFile } from './openedFile.ts';
import { readHeader } from './readHeader.ts';

/** The containers that the service takes, with the names they may have (vendor page: uploads). */
const EXTENSIONS_OF: ReadonlyMap<Container | undefined, readonly string[]> = new Map([
  ['mp4', ['.mp4', '.mov']],
  ['mov', ['.mov', '.mp4']],
  ['webm', ['.webm']],
  ['avi', ['.avi']],
]);

const WEBM_CODECS = new Set(['vp8', 'vp9', 'av1']);

const A_DAY_US = 86_400_000_000;

type Why = readonly [code: RejectionCode, reason: string, fix: string];

/**
 * Makes the function that looks inside a clip. The content decides, not the name: the fast header
 * reader answers for sound MP4, MOV and WebM files, ffprobe for AVI and for every doubt.
 *
 * The duration is how long the picture runs, not the sound: it is what an output lasts, and the
 * nearest reading of "billed video" (vendor page: credits). It never throws for a bad file.
 */
export function createProber(
  tools: FfmpegTools,
): (clip: Clip) => Promise<ProbedClip | RejectedClip> {
  return async (clip) => {
    let result;
    try {
      result = await look(clip.path, tools);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      result = unreadable(code === 'ENOENT' ? 'the file is gone' : `reading failed (${code})`);
    }
    if ('durationUs' in result) return { ...clip, media: result };
    const [code, reason, fix] = result;
    return { path: clip.path, relativePath: clip.relativePath, code, reason, fix };
  };
}

async function look(path: string, tools: FfmpegTools): Promise<MediaInfo | Why> {
  const { container, cutShort, header } = await withOpenedFile(path, readTables(path));
  if (cutShort) {
    return unreadable('the file ends before its data does, as after a copy that was broken off');
  }
  if (header !== undefined) return header;
  const reading = await ffprobe(path, tools);
  if (!reading.ok) return unreadable(reading.reason);
  const { video } = reading.value;
  if (video === undefined || reading.value.formatName.endsWith('_pipe')) {
    return ['no_video_stream', 'the file holds no moving picture', 'pass a video'];
  }
  const refusal = refuseType(path, container, reading.value, video);
  return refusal ?? (await describe(path, reading.value, video, tools));
}

interface Tables {
  readonly container: Container | undefined;
  readonly cutShort: boolean;
  /** `undefined` when ffprobe has to be asked. */
  readonly header: MediaInfo | undefined;
}

function readTables(path: string): (file: OpenedFile) => Promise<Tables> {
  return async (file) => {
    const container = containerOf(file.head);
    const cutShort = container !== undefined && (await isCutShort(file, container));
    const askFfprobe = cutShort || container === 'avi' || !isNamedAfter(container, path);
    const header = askFfprobe ? undefined : await readHeader(file);
    const fits = container !== 'webm' || WEBM_CODECS.has(header?.videoCodec ?? '');
    return { container, cutShort, header: fits ? header : undefined };
  };
}

function refuseType(
  path: string,
  container: Container | undefined,
  { formatName }: FfprobeReading,
  { codec }: VideoStream,
): Why | undefined {
  const [extension] = EXTENSIONS_OF.get(container) ?? [];
  if (extension === undefined) {
    const [kind = 'unknown'] = formatName.split(',', 1);
    const reason = `inside it is a ${kind} file, which the service does not take`;
    return ['unsupported_type', reason, `convert it: ${conversionCommand(path, codec)}`];
  }
  if (container === 'webm' && !WEBM_CODECS.has(codec)) {
    const reason = `WebM cannot hold ${codec}`;
    return ['unsupported_type', reason, `convert it: ${conversionCommand(path, codec)}`];
  }
  if (isNamedAfter(container, path)) return undefined;
  const reason = `inside it is a ${extension} file, which its name hides`;
  return ['unsupported_type', reason, `rename it: ${renameCommand(path, extension)}`];
}

async function describe(
  path: string,
  reading: FfprobeReading,
  video: VideoStream,
  tools: FfmpegTools,
): Promise<MediaInfo | Why> {
  let durationUs = [video.durationUs, reading.durationUs].find(isPlausible);
  if (durationUs === undefined) {
    const measured = await measureDuration(path, video.index, tools);
    if (measured.ok && isPlausible(measured.value)) durationUs = measured.value;
  }
  if (durationUs === undefined) {
    const fix = `write its header anew: ${conversionCommand(path, video.codec)}`;
    return ['no_duration', 'how long it lasts cannot be read', fix];
  }
  return {
    durationUs,
    width: video.width,
    height: video.height,
    framesPerSecond: video.framesPerSecond,
    hasAudio: reading.hasAudio,
    videoCodec: video.codec,
    readBy: 'ffprobe',
  };
}

function isNamedAfter(container: Container | undefined, path: string): boolean {
  return (EXTENSIONS_OF.get(container) ?? []).includes(extname(path).toLowerCase());
}

function isPlausible(durationUs: number | undefined): durationUs is number {
  return durationUs !== undefined && durationUs > 0 && durationUs <= A_DAY_US;
}

function unreadable(reason: string): Why {
  return ['unreadable', reason, 'copy or export the clip again'];
}
