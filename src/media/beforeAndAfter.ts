import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { OutputFormat } from '../core/model.ts';
import { outputThumbnail, videoThumbnail, type Rendering } from './thumbnail.ts';

/** At most 480x360 and never enlarged: some ten kilobytes, alpha included. */
const SMALL_WEBP: Rendering = {
  filter: "scale=w='min(480,iw)':h='min(360,ih)':force_original_aspect_ratio=decrease",
  outputOptions: ['-c:v', 'libwebp', '-pix_fmt', 'yuva420p', '-quality', '75', '-f', 'webp'],
};

/**
 * The same moment of a source and of its output as small WebP pictures.
 *
 * @param position from 0 up to 1
 * @throws Error that says why there is no picture
 */
export async function beforeAndAfter(
  source: string,
  output: { readonly path: string; readonly format: OutputFormat; readonly position: number },
  tools: FfmpegTools,
): Promise<{ readonly before: Uint8Array; readonly after: Uint8Array }> {
  const { path, format } = output;
  const after = await outputThumbnail(path, format, output.position, SMALL_WEBP, tools);
  const before = await videoThumbnail(source, after.position, SMALL_WEBP, tools);
  return { before, after: after.bytes };
}
