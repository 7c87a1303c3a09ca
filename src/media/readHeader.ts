import { CustomSource, Input, MP4, QTFF, WEBM } from 'mediabunny';

import type { MediaInfo } from '../core/clip.ts';
import type { OpenedFile } from './openedFile.ts';

/** ffprobe's names for the codecs that the header reader names after WebCodecs. */
const CODEC_NAMES: Readonly<Record<string, string>> = { avc: 'h264' };

/** How much longer than its container a picture may claim to be before that is a contradiction. */
const SLACK_SECONDS = 0.1;

const A_DAY_SECONDS = 86_400;

/**
 * Reads an MP4, MOV or WebM file's own tables, about a hundred times faster than starting ffprobe.
 *
 * @returns `undefined` on any doubt: unreadable, no picture, unknown codec, no duration in the
 *   header (live and fragmented recordings), one that cannot be, or a picture that outlasts its file
 */
export async function readHeader(file: OpenedFile): Promise<MediaInfo | undefined> {
  const source = new CustomSource({
    getSize: () => file.sizeBytes,
    read: (start, end) => file.read(start, end),
    prefetchProfile: 'fileSystem',
    handleUnhandledError: () => undefined,
  });
  const input = new Input({ source, formats: [MP4, QTFF, WEBM] });
  try {
    const [video] = await input.getVideoTracks();
    if (video === undefined) return undefined;
    const codec = await video.getCodec();
    if (codec === null) return undefined;
    const [whole, begin, end, { averagePacketRate }, audio, width, height] = await Promise.all([
      input.getDurationFromMetadata(),
      video.getFirstTimestamp(),
      video.computeDuration(),
      video.computePacketStats(64),
      input.getAudioTracks(),
      video.getDisplayWidth(),
      video.getDisplayHeight(),
    ]);
    // What lies before 0 is decoded but not shown (edit lists).
    const seconds = end - Math.max(0, begin);
    const isPlausible = seconds > 0 && seconds <= A_DAY_SECONDS;
    if (!isPlausible || whole === null || end > whole + SLACK_SECONDS) return undefined;
    if (width <= 0 || height <= 0) return undefined;
    return {
      durationUs: Math.round(seconds * 1_000_000),
      width,
      height,
      framesPerSecond: averagePacketRate > 0 ? averagePacketRate : undefined,
      hasAudio: audio.length > 0,
      videoCodec: CODEC_NAMES[codec] ?? codec,
      readBy: 'header',
    };
  } catch {
    return undefined;
  } finally {
    input.dispose();
  }
}
