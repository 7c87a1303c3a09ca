import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import { ProcessFailed, runProcess } from './runProcess.ts';
import { text } from 'node:stream/consumers';

/** What the pipeline has to know of a clip before it decodes it. */
export interface SourceInfo {
  readonly path: string;
  /** As displayed: rotation applied, pixels not yet made square. */
  readonly width: number;
  readonly height: number;
  /** Shape of a pixel as displayed, `num:den`; `1:1` for square ones. */
  readonly pixelAspect: string;
  /** Average frames per second, exact. */
  readonly rate: Fraction;
  /** What times are counted in, seconds. */
  readonly timeBase: Fraction;
  /** Frames are made of two fields: they are joined, at the rate of frames. */
  readonly isInterlaced: boolean;
  /** What is transparent already is not carried over. */
  readonly hasAlpha: boolean;
  /** Seconds of video; `undefined` when neither stream nor container says. */
  readonly durationSeconds: number | undefined;
  /** The matrix the clip is decoded with. */
  readonly inputMatrix: ColorMatrix | 'bt2020';
  /** Of high dynamic range; the picture is worked as ordinary video. */
  readonly hdr: 'pq' | 'hlg' | undefined;
  /** Of the first track, the one that is kept. */
  readonly audioCodec: string | undefined;
  readonly audioTracks: number;
}

/** A positive fraction. */
export interface Fraction {
  readonly num: number;
  readonly den: number;
}

/** The two matrices that 8-bit output is ever tagged with. */
export type ColorMatrix = 'bt709' | 'smpte170m';

/** As ffprobe calls them. */
const HDR: Readonly<Record<string, SourceInfo['hdr']>> = { smpte2084: 'pq', 'arib-std-b67': 'hlg' };

interface RawStream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly pix_fmt?: string;
  readonly field_order?: string;
  readonly time_base?: string;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly duration?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

/**
 * Asks ffprobe about a clip.
 *
 * @returns `undefined` when the file cannot be read or has no picture
 * @throws the signal's reason when aborted
 */
export async function probeSource(
  path: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<SourceInfo | undefined> {
  const args = ['-v', 'error', '-protocol_whitelist', 'file,pipe', '-show_streams'];
  const probe = runProcess(
    tools.ffprobePath,
    [...args, '-show_format', '-of', 'json', path],
    signal,
  );
  probe.stdin.end();
  let answer: { streams?: readonly RawStream[]; format?: { duration?: string } };
  try {
    const [json] = await Promise.all([text(probe.stdout), probe.done]);
    answer = JSON.parse(json) as typeof answer;
  } catch (error) {
    if (error instanceof ProcessFailed || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const streams = answer.streams ?? [];
  const video = streams.find((s) => s.codec_type === 'video' && s.disposition?.attached_pic !== 1);
  if (video?.width === undefined || video.height === undefined) return undefined;
  if (video.width === 0 || video.height === 0) return undefined;

  const sound = streams.filter((s) => s.codec_type === 'audio');
  const isTurned = Math.abs(rotation(video) % 180) === 90;
  const [width, height] = isTurned ? [video.height, video.width] : [video.width, video.height];
  return {
    path,
    width,
    height,
    pixelAspect: pixelAspect(video.sample_aspect_ratio, isTurned),
    rate: rate(video.avg_frame_rate) ?? rate(video.r_frame_rate) ?? { num: 25, den: 1 },
    timeBase: fraction(video.time_base) ?? { num: 1, den: 90_000 },
    isInterlaced: /^(tt|bb|tb|bt)$/.test(video.field_order ?? ''),
    hasAlpha:
      video.tags?.['alpha_mode'] === '1' ||
      /^(yuva|rgba|bgra|argb|abgr|gbrap|ya\d|pal8)/.test(video.pix_fmt ?? ''),
    durationSeconds:
      seconds(video.duration) ??
      seconds(video.tags?.['DURATION']) ??
      seconds(answer.format?.duration),
    inputMatrix: inputMatrix(video.color_space, height),
    hdr: HDR[video.color_transfer ?? ''],
    audioCodec: sound[0]?.codec_name,
    audioTracks: sound.length,
  };
}

function rotation(video: RawStream): number {
  const fromMatrix = video.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  return fromMatrix ?? Number(video.tags?.['rotate'] ?? 0);
}

function pixelAspect(ratio: string | undefined, isTurned: boolean): string {
  const parts = /^(\d+):(\d+)$/.exec(ratio ?? '');
  if (parts === null || parts[1] === '0' || parts[2] === '0') return '1:1';
  return isTurned ? `${parts[2]!}:${parts[1]!}` : `${parts[1]!}:${parts[2]!}`;
}

/** Rates outside 0.1 to 240 are the time base of a container that does not know. */
function rate(text: string | undefined): Fraction | undefined {
  const { num, den } = fraction(text) ?? { num: 0, den: 1 };
  return num / den >= 0.1 && num / den <= 240 ? { num, den } : undefined;
}

function fraction(text: string | undefined): Fraction | undefined {
  const parts = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text ?? '');
  return parts === null ? undefined : { num: Number(parts[1]), den: Number(parts[2]) };
}

/** Seconds, from a plain number or Matroska's `HH:MM:SS.fraction`. */
function seconds(value: string | undefined): number | undefined {
  const clock = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(value ?? '');
  const total =
    clock === null
      ? Number(value)
      : Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  return total > 0 && Number.isFinite(total) ? total : undefined;
}

/** Untagged video is read as players read it: small pictures BT.601, large ones BT.709. */
function inputMatrix(colorSpace: string | undefined, height: number): SourceInfo['inputMatrix'] {
  if (colorSpace === 'smpte170m' || colorSpace === 'bt470bg') return 'smpte170m';
  if (colorSpace === 'bt709') return 'bt709';
  if (/^bt2020/.test(colorSpace ?? '')) return 'bt2020';
  return height <= 576 ? 'smpte170m' : 'bt709';
}
