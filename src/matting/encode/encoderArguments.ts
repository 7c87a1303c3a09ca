import type { OutputFormat } from '../../core/model.ts';
import type { ColorMatrix, SourceInfo } from '../media/probeSource.ts';

/** What an encoder is fed and what it shall make of it. */
export interface EncoderOptions {
  readonly source: SourceInfo;
  readonly format: OutputFormat;
  /** Whether a plane of opacity follows the three of colour. */
  readonly hasAlpha: boolean;
  readonly matrix: ColorMatrix;
  /** Whether frames come at the source's rate; otherwise when they like. */
  readonly isSteady: boolean;
  /** Only so much of the sound. */
  readonly limitSeconds: number | undefined;
}

interface Recipe {
  /** Filters behind the common ones, given the matrix of the YUV that comes in. */
  readonly filters: (matrix: ColorMatrix) => readonly string[];
  readonly video: readonly string[];
  /** Sound codecs that the container takes as they are, and the encoder for the others. */
  readonly sound?: { readonly copied: RegExp; readonly encoder: readonly string[] };
  readonly muxer: string;
}

const NONE = (): readonly string[] => [];
const RGB = (matrix: ColorMatrix): string[] => [
  `scale=in_color_matrix=${matrix}:in_range=limited:flags=bilinear+accurate_rnd+full_chroma_int`,
];
const LARGEST_GIF = `scale=w=min(640\\,iw):h=-1`;
const GIF_PALETTE =
  'split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=1[p];' +
  '[b][p]paletteuse=new=1:dither=bayer:bayer_scale=3:alpha_threshold=128';
/** GIF counts in hundredths of a second and grows with its rate: 15 pictures a second at most. */
const SPARSE = 'select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,0.066)';
const AAC = ['-c:a', 'aac', '-b:a', '160k'];
/** Without look-ahead, and with key frames at fixed places: each packet of colour has its one of opacity. */
const VP9 =
  '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -threads 2 -tile-columns 1 -b:v 0 ' +
  '-crf 30 -auto-alt-ref 0 -lag-in-frames 0 -g 120 -keyint_min 120 -pix_fmt yuv420p';
/** Opus begins before zero, which WebM has a place for: no reason to show all pictures later. */
const FROM_ZERO = ['-avoid_negative_ts', 'disabled'];
const WEBM_SOUND = { copied: /^(opus|vorbis)$/, encoder: ['-c:a', 'libopus', '-b:a', '128k'] };

/** Measured for speed against quality of the alpha plane; all within ffmpeg 4.1's options. */
function recipe(format: OutputFormat, hasAlpha: boolean): Recipe {
  switch (format) {
    case 'webm':
      return {
        filters: NONE,
        video: [...words(VP9), ...FROM_ZERO],
        sound: WEBM_SOUND,
        muxer: 'webm',
      };
    case 'mov':
      return {
        filters: NONE,
        video: hasAlpha
          ? words('-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le -alpha_bits 8 -q:v 11')
          : words('-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le -q:v 11'),
        sound: { copied: /^(aac|alac|mp3|pcm_s16le|pcm_s24le)$/, encoder: AAC },
        muxer: 'mov',
      };
    case 'mp4':
      return {
        // Chroma at half resolution allows no odd side; the last line or column goes.
        filters: () => ['crop=floor(iw/2)*2:floor(ih/2)*2:0:0'],
        video: words('-c:v libx264 -preset veryfast -crf 20 -pix_fmt yuv420p -movflags +faststart'),
        sound: { copied: /^aac$/, encoder: AAC },
        muxer: 'mp4',
      };
    case 'gif':
      return {
        filters: (matrix) => [...RGB(matrix), LARGEST_GIF, 'format=rgba', GIF_PALETTE],
        // Whole pictures where they are to be cleared; see clearGifPictures.
        video: words(`-c:v gif ${hasAlpha ? '-gifflags 0 ' : ''}-loop 0`),
        muxer: 'gif',
      };
    case 'webp':
      return {
        filters: NONE,
        video: words(
          `-c:v libwebp_anim -lossless 0 -quality 80 -compression_level 0 -loop 0 -pix_fmt ${hasAlpha ? 'yuva420p' : 'yuv420p'}`,
        ),
        muxer: 'webp',
      };
    case 'png_sequence':
      return {
        filters: (matrix) => [...RGB(matrix), `format=${hasAlpha ? 'rgba' : 'rgb24'}`],
        video: words('-c:v png -compression_level 1 -pred sub'),
        muxer: 'image2pipe',
      };
  }
}

/**
 * The matrix frames are worked in, so that no format shifts colours: WebP knows BT.601 alone, the
 * others keep the clip's.
 */
export function workingMatrix(format: OutputFormat, source: SourceInfo): ColorMatrix {
  if (format === 'webp') return 'smpte170m';
  return source.inputMatrix === 'smpte170m' ? 'smpte170m' : 'bt709';
}

/** The arguments of an ffmpeg that reads raw Matroska on stdin and writes to `target`. */
export function encoderArguments(options: EncoderOptions, target: string): string[] {
  const { source, format, hasAlpha, matrix } = options;
  // A steady clip is counted in frames: then ffmpeg knows how long the last one is shown.
  const { num, den } = options.isSteady
    ? { num: source.rate.den, den: source.rate.num }
    : source.timeBase;
  const { filters, video, sound, muxer } = recipe(format, hasAlpha);
  const graph = [
    ...(format === 'gif' ? [SPARSE] : []),
    `setparams=range=limited:colorspace=${matrix}`,
    ...filters(matrix),
    ...(source.pixelAspect === '1:1' ? [] : [`setsar=${source.pixelAspect.replace(':', '/')}`]),
  ];
  return [
    ...['-v', 'error', '-nostdin', '-y', '-f', 'matroska', '-i', '-'],
    ...soundArguments(options, sound),
    ...['-filter:v', graph.join(','), ...video],
    // Reordered pictures would end a track without a rate early.
    ...(format === 'mp4' && !options.isSteady ? ['-bf', '0'] : []),
    ...['-vsync', '0', '-enc_time_base', `${num}:${den}`],
    ...['-colorspace', matrix, '-color_range', 'tv'],
    ...['-map_metadata', '-1', '-f', muxer, target],
  ];
}

/**
 * The arguments of an ffmpeg that reads raw 4:2:0 frames and writes VP9 as IVF to stdout. It holds
 * no packet back: who joins two such streams waits for both.
 */
export function planeEncoderArguments({ source, matrix }: EncoderOptions): string[] {
  return [
    ...['-v', 'error', '-nostdin', '-y', '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
    ...['-video_size', `${source.width}x${source.height}`, '-framerate', rateOf(source), '-i', '-'],
    ...['-filter:v', `setparams=range=limited:colorspace=${matrix}`, ...words(VP9)],
    ...['-colorspace', matrix, '-color_range', 'tv'],
    ...['-flush_packets', '1', '-f', 'ivf', '-'],
  ];
}

/** The arguments of an ffmpeg that adds the sound to a Matroska stream with alpha on stdin. */
export function alphaMuxerArguments(options: EncoderOptions, target: string): string[] {
  const { source } = options;
  return [
    ...['-v', 'error', '-nostdin', '-y', '-f', 'matroska', '-i', '-'],
    ...soundArguments(options, WEBM_SOUND),
    ...['-c:v', 'copy', ...(source.pixelAspect === '1:1' ? [] : ['-aspect', shapeOf(source)])],
    ...FROM_ZERO,
    ...['-map_metadata', '-1', '-metadata:s:v:0', 'alpha_mode=1', '-f', 'webm', target],
  ];
}

/** Takes the sound from the source, as a second input; nothing where there is none. */
function soundArguments(
  { source, limitSeconds }: EncoderOptions,
  sound: Recipe['sound'],
): readonly string[] {
  if (sound === undefined || source.audioCodec === undefined) return [];
  return [
    ...['-protocol_whitelist', 'file,pipe'],
    ...(limitSeconds === undefined ? [] : ['-t', String(limitSeconds)]),
    ...['-i', source.path, '-map', '0:v', '-map', '1:a:0'],
    ...(sound.copied.test(source.audioCodec) ? ['-c:a', 'copy'] : sound.encoder),
  ];
}

function rateOf({ rate }: SourceInfo): string {
  return `${rate.num}/${rate.den}`;
}

/** The shape of the whole picture as displayed, `num:den`. */
function shapeOf({ width, height, pixelAspect }: SourceInfo): string {
  const [across = 1, down = 1] = pixelAspect.split(':').map(Number);
  return `${width * across}:${height * down}`;
}

function words(line: string): string[] {
  return line.split(' ');
}
