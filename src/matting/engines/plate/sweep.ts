import type { Frame } from '../../grid/frame.ts';
import type { Motion } from './motion.ts';

/** Frames with less motion than this share of the picture say nothing. */
const LEAST_MOTION = 0.003;
const MOST_CONTRAST = 3;
/** Pixels inside and outside an outline that are compared. */
const INSIDE = 2;
const OUTSIDE = 3;

/**
 * How surely the subject moves away from everything it hides, so that the plate is the empty
 * scene: above 1.07 for subjects that cross the picture (1.2 before a busy bookshelf, 3.6 before a
 * wall), below for those that stay (0.5–0.96). The product of two signs:
 * what moves leaves no still inside, and the outlines of motion are edges in the frames rather
 * than in the plate. A plate that has kept the subject shows its edges as often as the frames do.
 */
export function sweepScore(frames: readonly Frame[], motion: Motion, hull: Uint8Array): number {
  let hullArea = 0;
  let movedArea = 0;
  for (let i = 0; i < hull.length; i++) {
    hullArea += hull[i]!;
    movedArea += hull[i]! & motion.moved[i]!;
  }
  const solidity = hullArea === 0 ? 0 : movedArea / hullArea;
  return solidity * Math.min(MOST_CONTRAST, outlineContrast(frames, motion));
}

/** Scores above this mean a sweeping subject. */
export const SWEEPING = 1.07;

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
