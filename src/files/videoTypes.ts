import { extname } from 'node:path';

import { shellQuote } from '../core/shellQuote.ts';

/** What the service accepts (vendor page: uploads). */
const ACCEPTED: ReadonlySet<string> = new Set(['.mp4', '.mov', '.webm', '.avi']);

/**
 * Video files it does not accept, and how ffmpeg makes an accepted one: the picture copied where
 * mp4 can usually hold it, encoded again where it cannot.
 */
const CONVERTIBLE: ReadonlyMap<string, 'copy' | 'encode'> = new Map([
  ['.mkv', 'copy'],
  ['.m4v', 'copy'],
  ['.ts', 'copy'],
  ['.mts', 'copy'],
  ['.m2ts', 'copy'],
  ['.3gp', 'copy'],
  ['.flv', 'copy'],
  ['.wmv', 'encode'],
  ['.mpg', 'encode'],
  ['.mpeg', 'encode'],
  ['.ogv', 'encode'],
  ['.mxf', 'encode'],
]);

/** How a file's name classes it; letter case does not matter. */
export type VideoType = 'accepted' | 'convertible' | 'other';

export function videoTypeOf(path: string): VideoType {
  const extension = extname(path).toLowerCase();
  if (ACCEPTED.has(extension)) return 'accepted';
  return CONVERTIBLE.has(extension) ? 'convertible' : 'other';
}

/** A shell command that turns a convertible file into an mp4 beside it. */
export function conversionCommand(path: string): string {
  const extension = extname(path);
  const picture = CONVERTIBLE.get(extension.toLowerCase()) === 'copy' ? 'copy' : 'libx264 -crf 18';
  const target = `${path.slice(0, path.length - extension.length)}.mp4`;
  return `ffmpeg -i ${shellQuote(path)} -c:v ${picture} -c:a aac -sn ${shellQuote(target)}`;
}

/** A shell command that makes a smaller mp4 beside a clip that is too large. */
export function shrinkCommand(path: string): string {
  const extension = extname(path);
  const target = `${path.slice(0, path.length - extension.length)}.small.mp4`;
  return `ffmpeg -i ${shellQuote(path)} -c:v libx264 -crf 26 -c:a aac -sn ${shellQuote(target)}`;
}
