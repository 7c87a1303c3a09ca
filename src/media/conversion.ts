import { extname } from 'node:path';

import { shellQuote } from '../core/shellQuote.ts';

/** What every reader of mp4 can decode, so that the picture need not be encoded again. */
export const KEPT_CODECS: ReadonlySet<string> = new Set(['h264', 'hevc', 'mpeg4']);

/**
 * A shell command that writes an mp4 beside the clip.
 *
 * @param codec of the picture, as ffprobe names it
 */
export function conversionCommand(path: string, codec: string): string {
  const target = `${withoutExtension(path)}.converted.mp4`;
  const picture = KEPT_CODECS.has(codec) ? 'copy' : 'libx264 -crf 18 -pix_fmt yuv420p';
  return `ffmpeg -i ${shellQuote(path)} -c:v ${picture} -c:a aac -sn ${shellQuote(target)}`;
}

/** A shell command that gives the clip another extension, and overwrites nothing. */
export function renameCommand(path: string, extension: string): string {
  return `mv -n ${shellQuote(path)} ${shellQuote(withoutExtension(path) + extension)}`;
}

function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
