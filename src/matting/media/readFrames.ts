import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import { type Frame, frameBytes, frameOver, fullFrameOver } from '../grid/frame.ts';
import { createByteReader } from './byteReader.ts';
import { readPictures } from './matroska.ts';
import type { ColorMatrix, SourceInfo } from './probeSource.ts';
import { runProcess } from './runProcess.ts';

/** How a clip is decoded. */
export interface ReadOptions {
  /** The matrix of the YUV delivered. */
  readonly matrix: ColorMatrix;
  /** Where to begin, in seconds; times are counted from there. Default: the beginning. */
  readonly fromSeconds?: number;
  /** Only so much from there. */
  readonly limitSeconds: number | undefined;
  /** Frames per second, as a filter expression: frames are repeated or dropped. Default: as filmed. */
  readonly rate?: string;
  /** Small frames of this size, 4:4:4; those of the clip's size, 4:2:0, when missing. */
  readonly small?: { readonly width: number; readonly height: number };
  /** Memory for the next frame, of exactly its size; one and the same for all when missing. */
  readonly next?: () => Uint8Array | Promise<Uint8Array>;
}

/** A decoded frame and when it is shown, in microseconds from the clip's beginning, ascending. */
export interface TimedFrame {
  readonly frame: Frame;
  readonly timeUs: number;
}

/**
 * Decodes a clip, one frame at a time. A frame is valid until the next one is asked for,
 * unless `next` says otherwise. Leaving the loop early ends ffmpeg.
 *
 * @throws ProcessFailed when ffmpeg ends badly; the signal's reason when aborted
 */
export async function* readFrames(
  source: SourceInfo,
  tools: FfmpegTools,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<TimedFrame, void, undefined> {
  const { next, small } = options;
  const { width, height } = small ?? source;
  const decoder = runProcess(tools.ffmpegPath, decoderArguments(source, options), signal);
  decoder.stdin.end();
  const bytes = small === undefined ? frameBytes(width, height) : 3 * width * height;
  const same = next === undefined ? new Uint8Array(bytes) : undefined;
  const planes = small === undefined ? frameOver : fullFrameOver;
  try {
    const pictures = readPictures(createByteReader(decoder.stdout), next ?? (() => same!));
    for await (const { bytes, timeUs } of pictures) {
      yield { frame: planes(bytes, width, height), timeUs };
    }
    await decoder.done;
  } finally {
    await decoder.kill();
  }
}

/**
 * From PQ (SMPTE ST 2084) to the light of ordinary screens: white is at 203 cd/m² (ITU-R BT.2408), what
 * is brighter is cut off. As it stands PQ is so pale that no screen is found. HLG is made to be shown
 * as it is.
 */
const ORDINARY_LIGHT = (() => {
  const root = 'pow(clipval/maxval,1/78.84375)';
  const light = `pow(max(${root}-0.8359375,0)/(18.8515625-18.6875*${root}),1/0.1593017578125)`;
  const level = `'maxval*pow(min(1,${light}*10000/203),1/2.4)'`;
  return `scale=in_color_matrix=bt2020,format=gbrp10le,lutrgb=r=${level}:g=${level}:b=${level}`;
})();

function decoderArguments(source: SourceInfo, options: ReadOptions): string[] {
  const { matrix, fromSeconds = 0, limitSeconds, rate, small } = options;
  const filters = [
    // Before scaling, so that dropped frames cost nothing.
    ...(rate === undefined ? [] : [`fps=fps=${rate}:start_time=0:round=near`]),
    ...(source.isInterlaced ? ['yadif=deint=interlaced'] : []),
    ...(source.hdr === 'pq' ? [ORDINARY_LIGHT] : []),
    `scale=${source.width}:${source.height}:flags=bilinear+accurate_rnd:` +
      `in_color_matrix=${source.inputMatrix}:out_color_matrix=${matrix}:out_range=limited`,
    'format=yuv420p',
    ...(small === undefined ? [] : [stacked(small)]),
    // Times are read as microseconds, and Matroska counts in milliseconds.
    "setpts='1000*max(PTS,0)'",
  ];
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe'],
    ...(fromSeconds === 0 ? [] : ['-ss', fromSeconds.toFixed(6)]),
    ...(limitSeconds === undefined ? [] : ['-t', String(limitSeconds)]),
    ...['-i', source.path, '-map', '0:V:0', '-vf', filters.join(','), '-vsync', '0'],
    ...['-c:v', 'rawvideo', '-enc_time_base', '1:1000'],
    ...['-write_crc32', '0', '-f', 'matroska', '-'],
  ];
}

/**
 * The three planes in one size, one below the other in a grey picture: 4:4:4, each as it was. Bicubic,
 * since the mean of an area blurs clips that are hardly larger: outlines then miss the subject's rim.
 */
function stacked({ width, height }: { readonly width: number; readonly height: number }): string {
  const shrink = (from: string, to: string): string =>
    `[${from}]scale=${width}:${height}:flags=bicubic+accurate_rnd:in_range=full:out_range=full[${to}]`;
  return [
    'extractplanes=y+u+v[y][u][v]',
    ...[shrink('y', 'a'), shrink('u', 'b'), shrink('v', 'c')],
    '[a][b][c]vstack=3',
  ].join(';');
}
