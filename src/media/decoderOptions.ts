/** ffmpeg's own decoders drop the alpha of VP8 and VP9 without a word; libvpx keeps it. */
const ALPHA_DECODERS: Readonly<Record<string, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

/**
 * Input options that make ffmpeg decode a video with its alpha.
 *
 * @param codec as ffprobe names it
 */
export function decoderOptions(codec: string): readonly string[] {
  // By name alone ffmpeg takes `%d.gif` for a pattern of many files.
  if (codec === 'gif') return ['-f', 'gif'];
  const decoder = ALPHA_DECODERS[codec];
  return decoder === undefined ? [] : ['-c:v', decoder];
}
