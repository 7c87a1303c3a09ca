/**
 * How a PNG sequence is delivered: a folder of frames with names of our own, as editors import
 * them. Nothing that the service calls a file ever becomes a name on this disk.
 */
const FRAMES_SUFFIX = '_frames';

/** What a sequence's output path ends with: a folder's ending, or a zip's when it stays packed. */
export function sequenceSuffix(keepZip: boolean): string {
  return keepZip ? '.zip' : FRAMES_SUFFIX;
}

/** Whether a path is, or will be, a folder of frames: `clip_frames`, or `clip_frames-2`. */
export function isFramesPath(path: string): boolean {
  return /_frames(?:-\d+)*$/.test(path);
}

/** @param number from 1, in the order of the pictures */
export function frameName(number: number): string {
  return `frame_${String(number).padStart(6, '0')}.png`;
}

/** Whether a name in such a folder is a frame's; anything else there is somebody else's. */
export function isFrameName(name: string): boolean {
  return /^frame_\d{6,}\.png$/.test(name);
}
