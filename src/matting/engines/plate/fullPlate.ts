import { copyFrame, type Frame, frameBytes, half, newFrame, withLuma } from '../../grid/frame.ts';
import { createBoxSum } from '../../grid/box.ts';
import { fillGaps } from '../../grid/fillGaps.ts';
import { clearRoom, kernels, put, room, take } from '../../kernels/kernels.ts';
import { createShrinkFrame, type ShrinkFrame } from '../../grid/shrink.ts';
import type { KnownBackground } from '../../refine/refine.ts';

const MOST_FRAMES = 16;
const FEWEST_FRAMES = 8;
const MEMORY_BYTES = 150_000_000;
const FEWEST_SIGHTINGS = 2;
/** Masks grow by this many small pixels: blur and shadow reach beyond what differs clearly. */
const MARGIN = 3;

/** How many full frames the plate of such a clip is made of: fewer of the very large ones. */
export function plateFrames(width: number, height: number): number {
  const affordable = Math.floor(MEMORY_BYTES / frameBytes(width, height));
  return Math.max(FEWEST_FRAMES, Math.min(MOST_FRAMES, affordable));
}

/**
 * The empty scene at full size: per pixel the median over the frames in which nothing is
 * in the way. What was never free is filled from around and marked.
 *
 * @param frames 4:2:0, reused by the reader
 * @param findSubject marks with 1 what is in the way, on a picture of the small size
 */
export async function fullPlate(
  frames: AsyncIterable<Frame>,
  findSubject: (picture: Frame) => Uint8Array,
  small: { readonly width: number; readonly height: number },
): Promise<KnownBackground> {
  const boxSum = createBoxSum(small.width, small.height);
  const copies: Frame[] = [];
  const free: Uint8Array[] = [];
  let shrink: ShrinkFrame | undefined;
  for await (const frame of frames) {
    shrink ??= createShrinkFrame(frame, small);
    copies.push(copyFrame(frame));
    const near = boxSum(findSubject(shrink(frame)), MARGIN);
    const isFree = new Uint8Array(near.length);
    for (let i = 0; i < near.length; i++) if (near[i] === 0) isFree[i] = 1;
    free.push(isFree);
  }
  const { width, height } = copies[0]!;
  const plate = newFrame(width, height);
  const gridWidth = half(width);
  const gridHeight = half(height);
  const seen = new Uint8Array(gridWidth * gridHeight);
  const needed = Math.min(FEWEST_SIGHTINGS, copies.length);
  const line = new Uint8Array(gridWidth);
  const cells = Int32Array.from(line, (_, column) =>
    Math.floor((column * small.width) / gridWidth),
  );
  for (let row = 0; row < gridHeight; row++) {
    const smallRow = Math.floor((row * small.height) / gridHeight) * small.width;
    const sightings = seen.subarray(row * gridWidth, (row + 1) * gridWidth);
    clearRoom();
    const counts = free.map((isFree) => {
      for (let column = 0; column < gridWidth; column++) {
        const is = isFree[smallRow + cells[column]!]!;
        line[column] = 255 * is;
        sightings[column] = sightings[column]! + is;
      }
      return put(line);
    });
    for (const [i, count] of sightings.entries()) sightings[i] = count >= needed ? 1 : 0;
    const countsAt = put(Int32Array.from(counts));
    const median = (plane: 'y' | 'u' | 'v', share: 1 | 2, n: number): void => {
      const length = share === 1 ? gridWidth : width;
      const part = (of: Frame): Uint8Array => of[plane].subarray(n * length, (n + 1) * length);
      const lines = put(Int32Array.from(copies, (copy) => put(part(copy))));
      const [out, own] = [room(length), room(16 * copies.length)];
      kernels.medians(lines, countsAt, share, copies.length, length, out, own);
      take(out, part(plate));
    };
    median('u', 1, row);
    median('v', 1, row);
    for (let n = 2 * row; n < Math.min(2 * row + 2, height); n++) median('y', 2, n);
  }
  fillUnseen(plate, seen);
  return { plate: withLuma(plate), seen };
}

function fillUnseen(plate: Frame, seen: Uint8Array): void {
  const { width, height, y, u, v } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const { luma } = withLuma(plate);
  fillGaps({ y: luma, u, v }, seen, gridWidth, gridHeight);
  for (let i = 0; i < seen.length; i++) {
    if (seen[i] === 1) continue;
    const column = i % gridWidth;
    const row = (i / gridWidth) | 0;
    for (let p = 2 * row * width; p < Math.min(2 * row + 2, height) * width; p += width) {
      y.fill(luma[i]!, p + 2 * column, p + Math.min(2 * column + 2, width));
    }
  }
}
