/** Where the two programs are that read and write media: absolute paths, both executable. */
export interface FfmpegTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** `system` when found on PATH or set by the user, `bundled` for the npm fallback (ffmpeg 4.1). */
  readonly origin: 'system' | 'bundled';
}

/**
 * Extra environment for every ffprobe and ffmpeg process: the statically linked fallback crashes on
 * MPEG-TS when it loads the host's character set converters.
 */
export const FFMPEG_ENV: Readonly<Record<string, string>> = { GCONV_PATH: '/nonexistent' };
