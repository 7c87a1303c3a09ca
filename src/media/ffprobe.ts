import { FFMPEG_ENV } from '../core/ffmpegTools.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { printable } from '../core/redact.ts';

/** What ffprobe says about a file, in our units. */
export interface FfprobeReading {
  /** As ffprobe names it, e.g. `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly formatName: string;
  /** Microseconds; `undefined` when the container does not say. */
  readonly durationUs: number | undefined;
  /** The first moving picture; cover art does not count. */
  readonly video: VideoStream | undefined;
  readonly hasAudio: boolean;
}

export interface VideoStream {
  readonly index: number;
  readonly codec: string;
  /** As displayed: rotation already applied. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number | undefined;
  /** Microseconds that the picture runs; `undefined` when the container does not say. */
  readonly durationUs: number | undefined;
}

/** A program's failure on a file is an answer about the file. */
export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const TIME_LIMIT_MS = 20_000;

/**
 * Demuxers that a clip or an output may need. Without such a list a text file can be a playlist
 * that makes ffprobe open others.
 */
export const INPUT_FORMATS =
  'mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,gif,mp3,aac,wav,flac,png_pipe,jpeg_pipe,webp_pipe';

/** Reads a file's containers and streams, for at most 20 seconds. */
export async function ffprobe(path: string, tools: FfmpegTools): Promise<Read<FfprobeReading>> {
  const output = await run(path, tools, ['-show_format', '-show_streams', '-of', 'json']);
  if (!output.ok) return output;
  return { ok: true, value: toReading(JSON.parse(output.value) as FfprobeJson) };
}

/**
 * How long the pictures of a stream run, from their own timestamps: reads the whole file, for
 * containers that do not say.
 *
 * @returns microseconds; 0 when there is no picture
 */
export async function measureDuration(
  path: string,
  streamIndex: number,
  tools: FfmpegTools,
): Promise<Read<number>> {
  const entries = ['-show_entries', 'packet=pts_time,duration_time', '-of', 'csv=p=0'];
  const output = await run(path, tools, ['-select_streams', String(streamIndex), ...entries]);
  if (!output.ok) return output;
  let begin = Infinity;
  let end = -Infinity;
  for (const line of output.value.split('\n')) {
    const [pts, duration] = line.split(',');
    const at = microseconds(pts);
    if (at === undefined) continue;
    begin = Math.min(begin, at);
    end = Math.max(end, at + (microseconds(duration) ?? 0));
  }
  return { ok: true, value: end > begin ? end - begin : 0 };
}

/** Times of the keyframes at the beginning of a clip, in seconds; empty when they cannot be read. */
export async function keyframes(
  path: string,
  untilSeconds: number,
  tools: FfmpegTools,
): Promise<readonly number[]> {
  const entries = ['-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0'];
  const interval = ['-read_intervals', `%+${untilSeconds + 1}`, '-select_streams', 'v:0'];
  const output = await run(path, tools, [...interval, ...entries]);
  if (!output.ok) return [];
  return output.value.split('\n').flatMap((line) => {
    const [time, flags = ''] = line.split(',');
    const at = microseconds(time);
    return at !== undefined && flags.startsWith('K') ? [at / 1e6] : [];
  });
}

/** When a coded picture is shown and when it is decoded, in seconds. */
export interface PacketTimes {
  readonly shown: number;
  readonly decoded: number;
}

/**
 * The coded pictures around a moment, in the order of decoding, from a keyframe before it on; empty
 * when one of them lacks a time.
 */
export async function packetsAround(
  path: string,
  seconds: number,
  tools: FfmpegTools,
): Promise<readonly PacketTimes[]> {
  const entries = ['-show_entries', 'packet=pts_time,dts_time', '-of', 'csv=p=0'];
  const interval = ['-read_intervals', `${Math.max(0, seconds - 1)}%+4`];
  const output = await run(path, tools, ['-select_streams', 'v:0', ...interval, ...entries]);
  if (!output.ok) return [];
  const lines = output.value.split('\n').filter((line) => line.trim() !== '');
  const packets = lines.flatMap((line) => {
    const [shown, decoded] = line.split(',').map(microseconds);
    if (shown === undefined || decoded === undefined) return [];
    return [{ shown: shown / 1e6, decoded: decoded / 1e6 }];
  });
  return packets.length === lines.length ? packets : [];
}

async function run(
  path: string,
  tools: FfmpegTools,
  options: readonly string[],
): Promise<Read<string>> {
  // 78 ms to load, and most clips never need it.
  const { execa } = await import('execa');
  const limits = ['-v', 'error', '-protocol_whitelist', 'file', '-format_whitelist', INPUT_FORMATS];
  const result = await execa(tools.ffprobePath, [...limits, ...options, path], {
    env: FFMPEG_ENV,
    stdin: 'ignore',
    timeout: TIME_LIMIT_MS,
    reject: false,
    maxBuffer: 200_000_000,
  });
  if (result.timedOut) return { ok: false, reason: 'ffprobe did not finish within 20 seconds' };
  if (!result.failed) return { ok: true, value: result.stdout };
  const lastLine = result.stderr.trim().split('\n').at(-1) ?? '';
  const reason =
    lastLine === '' ? (result.shortMessage ?? 'ffprobe failed') : lastLine.replace(`${path}: `, '');
  return { ok: false, reason: printable(reason, 200) };
}

/** ffprobe's JSON, as far as it is read: numbers come as text, and any member may be missing. */
interface FfprobeJson {
  readonly format?: { readonly format_name?: string; readonly duration?: string };
  readonly streams?: readonly FfprobeStream[];
}

interface FfprobeStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: { readonly DURATION?: string; readonly rotate?: string };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

function toReading(json: FfprobeJson): FfprobeReading {
  const streams = json.streams ?? [];
  const video = streams.find(
    (stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1,
  );
  return {
    formatName: json.format?.format_name ?? '',
    durationUs: microseconds(json.format?.duration),
    video: video && toVideoStream(video),
    hasAudio: streams.some((stream) => stream.codec_type === 'audio'),
  };
}

function toVideoStream(stream: FfprobeStream): VideoStream {
  const sideData = stream.side_data_list?.find((item) => item.rotation !== undefined);
  const rotation = sideData?.rotation ?? Number(stream.tags?.rotate ?? 0);
  const isTurned = Math.abs(Math.round(rotation / 90)) % 2 === 1;
  const { width = 0, height = 0 } = stream;
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    framesPerSecond: rate(stream.avg_frame_rate) ?? rate(stream.r_frame_rate),
    durationUs: microseconds(stream.duration) ?? spanFromTag(stream),
  };
}

/** Matroska has no duration for each stream; ffmpeg's muxer writes the stream's end as a tag. */
function spanFromTag({ tags, start_time }: FfprobeStream): number | undefined {
  const parts = /^(\d+):(\d+):([\d.]+)$/.exec(tags?.DURATION ?? '');
  if (parts === null) return undefined;
  const [hours, minutes, seconds] = parts.slice(1).map(Number) as [number, number, number];
  const endUs = Math.round((hours * 3_600 + minutes * 60 + seconds) * 1_000_000);
  return endUs - Math.max(0, microseconds(start_time) ?? 0);
}

function microseconds(seconds: string | undefined): number | undefined {
  const value = seconds === undefined || seconds.trim() === '' ? NaN : Number(seconds);
  return Number.isFinite(value) ? Math.round(value * 1_000_000) : undefined;
}

function rate(fraction: string | undefined): number | undefined {
  const [over, under] = (fraction ?? '').split('/').map(Number);
  const value = (over ?? NaN) / (under ?? NaN);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
