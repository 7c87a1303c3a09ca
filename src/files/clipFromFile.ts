import type { Stats } from 'node:fs';

import type { Clip, RejectedClip, RejectionCode } from '../core/clip.ts';
import { conversionCommand, shrinkCommand, videoTypeOf } from './videoTypes.ts';

/** The vendor's page says 500MB; read as the smaller of its two meanings. */
const LARGEST_BYTES = 500_000_000;

/**
 * Judges one file by what the folder says about it: name, kind and size. Nobody has looked inside.
 *
 * @param stats of the file itself, links followed
 */
export function clipFromFile(
  path: string,
  relativePath: string,
  stats: Stats,
): Clip | RejectedClip {
  if (!stats.isFile()) {
    return rejected(path, relativePath, 'not_a_file', [
      'not a regular file',
      'pass a video file, or a folder of them',
    ]);
  }
  const type = videoTypeOf(path);
  if (type !== 'accepted') {
    return rejected(path, relativePath, 'unsupported_type', [
      'the service accepts .mp4, .mov, .webm and .avi',
      type === 'convertible'
        ? `convert it: ${conversionCommand(path)}`
        : 'pass a video file of one of these types',
    ]);
  }
  if (stats.size === 0) {
    return rejected(path, relativePath, 'empty_file', [
      'the file has 0 bytes',
      'copy or export it again',
    ]);
  }
  if (stats.size > LARGEST_BYTES) {
    const megabytes = (stats.size / 1_000_000).toFixed(1);
    return rejected(path, relativePath, 'too_large', [
      `${megabytes} MB; the service accepts up to 500 MB`,
      `cut it, or encode it smaller: ${shrinkCommand(path)}`,
    ]);
  }
  return { path, relativePath, sizeBytes: stats.size, mtimeMs: stats.mtimeMs };
}

/** Makes the record of a clip that will not be sent. */
export function rejected(
  path: string,
  relativePath: string,
  code: RejectionCode,
  [reason, fix]: readonly [reason: string, fix: string],
): RejectedClip {
  return { path, relativePath, code, reason, fix };
}
