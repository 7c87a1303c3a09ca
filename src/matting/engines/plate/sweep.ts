import type { Frame } from '../../grid/frame.ts';
import type { Motion } from './motion.ts';

/** Frames with less motion than this share of the picture say nothing. */
const LEAST_MOTION = 0.003;
const MOST_CONTRAST = 3;
/** Pixels inside and outside an outline that are compared. */
const INSIDE = 2;
const OUTSIDE = 3;

/** Scores above this mean a sweeping subject. */
export const SWEEPING = 1.7;
const TRAVEL_WEIGHT = 3;

/**
 * How surely the subject moves away from everything it hides, so that the plate is the empty
 * scene: 2.1 and more for subjects that cross the picture, up to 1.4 for those that stay (measured
 * on 13 clips, drawn and real). Three signs: what moves leaves no still inside; the outlines of
 * motion are edges in the frames rather than in the plate, which would show a subject it has kept;
 * and the motion travels.
 */
export function sweepScore(frames: readonly Frame[], motion: Motion, hull: Uint8Array): number {
  let hullArea = 0;
  let movedArea = 0;
  for (let i = 0; i < hull.length; i++) {
    hullArea += hull[i]!;
    movedArea += hull[i]! & motion.moved[i]!;
  }
  if (hullArea === 0) return 0;
  const contrast = Math.min(MOST_CONTRAST, outlineContrast(frames, motion));
  const distance = travel(motion) / Math.sqrt(hullArea);
  return (movedArea / hullArea) * (contrast + TRAVEL_WEIGHT * distance);
}

/** Standard deviation of the middle of all motion over the clip, in pixels. */
function travel({ masks, plate: { width } }: Motion): number {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  let squares = 0;
  for (const mask of masks) {
    let area = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      area++;
      x += i % width;
      y += (i / width) | 0;
    }
    if (area < LEAST_MOTION * mask.length) continue;
    count++;
    sumX += x / area;
    sumY += y / area;
    squares += (x / area) ** 2 + (y / area) ** 2;
  }
  if (count === 0) return 0;
  return Math.sqrt(Math.max(0, squares / count - (sumX / count) ** 2 - (sumY / count) ** 2));
}

/** How much stronger the frames' edges are than the plate's along the outlines of motion. */
function outlineContrast(frames: readonly Frame[], { plate, masks }: Motion): number {
  const { width, height } = plate;
  let inFrames = 0;
  let inPlate = 0;
  for (const [n, frame] of frames.entries()) {
    const mask = masks[n]!;
    const area = mask.reduce((sum, is) => sum + is, 0);
    if (area < LEAST_MOTION * mask.length) continue;
    for (let y = OUTSIDE; y < height - OUTSIDE; y++) {
      for (let x = OUTSIDE; x < width - OUTSIDE; x++) {
        const i = y * width + x;
        if (mask[i] === 0) continue;
        for (const step of [1, -1, width, -width]) {
          const inside = i - INSIDE * step;
          const outside = i + OUTSIDE * step;
          if (mask[i + step] === 1 || mask[inside] === 0 || mask[outside] === 1) continue;
          inFrames += colorDistance(frame, inside, outside);
          inPlate += colorDistance(plate, inside, outside);
        }
      }
    }
  }
  return inFrames / Math.max(1, inPlate);
}

function colorDistance({ y, u, v }: Frame, i: number, j: number): number {
  return Math.sqrt((y[i]! - y[j]!) ** 2 + 2 * ((u[i]! - u[j]!) ** 2 + (v[i]! - v[j]!) ** 2));
}
