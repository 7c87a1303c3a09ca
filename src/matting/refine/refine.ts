import { type Frame, half, halveLuma } from '../grid/frame.ts';
import { createPushPull } from '../grid/pushPull.ts';
import { clearOutside, type Region, regionOf } from '../grid/region.ts';
import { createTrimap, SOLID_BACKGROUND, SOLID_FOREGROUND, UNKNOWN, FOREGROUND } from './trimap.ts';
import { quadrants } from './upsample.ts';

/** The empty scene as an engine knows it. */
export interface KnownBackground {
  /** 4:2:0, of the clip's size. */
  readonly plate: Frame;
  /** On the chroma grid: 1 where the plate was seen, 0 where it was guessed. */
  readonly seen: Uint8Array;
}

/**
 * Turns a first guess into the final matte.
 *
 * @param frame 4:2:0; its colours near the contour are replaced by the subject's own, and all that
 *   is certainly background by black
 * @param prior first guess on the chroma grid, 0..255
 * @param alpha written: opacity of each full-size pixel, 0..255
 */
export type MatteFrame = (frame: Frame, prior: Uint8Array, alpha: Uint8Array) => void;

/** Limits of the light on the background, as a share of that on the plate. */
const DARKEST = 0.4;
const BRIGHTEST = 1.6;
const LUMA_BLACK = 16;
const CHROMA_NEUTRAL = 128;
const CHROMA_WEIGHT = 2;
/** Noise of a camera (3 levels, twice) and the trust in the prior, in squared levels. */
const PRIOR_TRUST = 4 * 3 ** 2 + 40;

/** How much of the squared distance between F and B goes to the prior, by how well B is known. */
const SEEN_DOUBT = 0.1;
const UNSEEN_DOUBT = 1.2;
/**
 * A pixel off the line between F and B was mixed from other colours than these: for each so many
 * squared levels off, the prior gains as much again, up to a limit.
 */
const OFF_LINE = 450;
const MOST_OFF_LINE = 4;
/** So much of the surroundings tells how the background is lit, in pixels of the chroma grid. */
const LEAST_MARGIN = 12;
/** Where the subject has many colours, one of them may look like B: then the prior knows better. */
const VARIETY_TRUST = 1;

/**
 * Known-background unmixing. Each pixel of the unknown band is `αF + (1−α)B`; F is spread from the
 * solid subject, B is the plate in the light seen at solid background (shadows,
 * exposure), and α is the least-squares answer, leaning on the prior where F and B look alike.
 * Subtracting `(1−α)B` takes the background's colour out of hair and motion blur.
 */
export function createRefine({ plate, seen }: KnownBackground): MatteFrame {
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const makeTrimap = createTrimap(gridWidth, gridHeight, height);
  const plateLuma = new Uint8Array(gridWidth * gridHeight);
  const luma = new Uint8Array(gridWidth * gridHeight);
  const subject = createPushPull(gridWidth, gridHeight);
  const light = createPushPull(gridWidth, gridHeight);
  const squares = createPushPull(gridWidth, gridHeight);
  const f = new Float32Array(3);
  const colourSquare = new Float32Array(3);
  const b = new Float32Array(3);
  const priors = new Int32Array(4);
  const margin = Math.max(LEAST_MARGIN, Math.round(gridHeight / 20));

  return (frame, prior, alpha) => {
    const region = regionOf(prior, gridWidth, gridHeight, margin);
    const kinds = makeTrimap(prior, region);
    const { y, u, v } = frame;
    halveLuma(y, width, height, luma, region);
    halveLuma(plate.y, width, height, plateLuma, region);
    learn(kinds, frame, region);
    clearAround(frame, alpha, region);
    for (let row = region.top; row < region.bottom; row++) {
      const rows = 2 * row + 1 < height ? 2 : 1;
      let i = row * gridWidth + region.left;
      for (let column = region.left; column < region.right; column++, i++) {
        const columns = 2 * column + 1 < width ? 2 : 1;
        const corner = 2 * row * width + 2 * column;
        const kind = kinds[i]!;
        if (kind !== UNKNOWN) {
          const isSubject = kind >= FOREGROUND;
          for (let q = 0; q < rows; q++) {
            for (let p = corner + q * width; p < corner + q * width + columns; p++) {
              alpha[p] = isSubject ? 255 : 0;
              if (!isSubject) y[p] = LUMA_BLACK;
            }
          }
          if (!isSubject) u[i] = v[i] = CHROMA_NEUTRAL;
          continue;
        }
        subject.sample(column, row, f);
        light.sample(column, row, b);
        squares.sample(column, row, colourSquare);
        const variety = Math.max(0, colourSquare[0]! - colorSquare(f[0]!, f[1]!, f[2]!));
        const gain = clampTo(b[0]! / b[1]!, DARKEST, BRIGHTEST);
        quadrants(prior, gridWidth, gridHeight, column, row, priors);
        const bu = CHROMA_NEUTRAL + gain * (plate.u[i]! - CHROMA_NEUTRAL);
        const bv = CHROMA_NEUTRAL + gain * (plate.v[i]! - CHROMA_NEUTRAL);
        const eu = f[1]! - bu;
        const ev = f[2]! - bv;
        const du = u[i]! - bu;
        const dv = v[i]! - bv;
        const chromaDot = CHROMA_WEIGHT * (du * eu + dv * ev);
        const chromaSquare = CHROMA_WEIGHT * (eu * eu + ev * ev);
        const chromaStep = CHROMA_WEIGHT * (du * du + dv * dv);
        const doubt = seen[i] === 1 ? SEEN_DOUBT : UNSEEN_DOUBT;
        const varied = seen[i] === 1 ? VARIETY_TRUST * variety : 0;
        let sum = 0;
        for (let q = 0; q < rows; q++) {
          for (let r = 0; r < columns; r++) {
            const p = corner + q * width + r;
            const by = LUMA_BLACK + gain * (plate.y[p]! - LUMA_BLACK);
            const ey = f[0]! - by;
            const dy = y[p]! - by;
            const dot = dy * ey + chromaDot;
            const square = ey * ey + chromaSquare;
            const offLine = dy * dy + chromaStep - (dot * dot) / (square + 1);
            const guess = priors[2 * q + r]! / (16 * 255);
            const trust =
              PRIOR_TRUST +
              square * (doubt + Math.min(MOST_OFF_LINE, offLine / OFF_LINE)) +
              guess * guess * varied;
            let a = (dot + trust * guess) / (square + trust);
            a = a <= 0.03 ? 0 : a >= 0.97 ? 1 : a;
            sum += a;
            alpha[p] = Math.round(255 * a);
            y[p] = clamp(y[p]! + (1 - a) * ey, 16, 235);
          }
        }
        const rest = 1 - sum / (rows * columns);
        u[i] = clamp(u[i]! + rest * eu, 16, 240);
        v[i] = clamp(v[i]! + rest * ev, 16, 240);
      }
    }
  };

  function learn(kinds: Uint8Array, { u, v }: Frame, region: Region): void {
    subject.clear();
    squares.clear();
    light.clear();
    for (let row = region.top; row < region.bottom; row++) {
      let i = row * gridWidth + region.left;
      for (let column = region.left; column < region.right; column++, i++) {
        const kind = kinds[i];
        if (kind === SOLID_FOREGROUND) {
          subject.add(column, row, luma[i]!, u[i]!, v[i]!);
          squares.add(column, row, colorSquare(luma[i]!, u[i]!, v[i]!), 0, 0);
        } else if (kind === SOLID_BACKGROUND && seen[i] === 1) {
          light.add(column, row, luma[i]! - LUMA_BLACK + 1, plateLuma[i]! - LUMA_BLACK + 1, 0);
        }
      }
    }
    subject.spread(region);
    squares.spread(region);
    light.spread(region);
  }
}

/** What is far from all that could be the subject: no opacity, black. */
function clearAround({ width, height, y, u, v }: Frame, alpha: Uint8Array, region: Region): void {
  const { left, top, right, bottom } = region;
  const doubled = { left: 2 * left, top: 2 * top, right: 2 * right, bottom: 2 * bottom };
  clearOutside(alpha, width, height, doubled, 0);
  clearOutside(y, width, height, doubled, LUMA_BLACK);
  clearOutside(u, half(width), half(height), region, CHROMA_NEUTRAL);
  clearOutside(v, half(width), half(height), region, CHROMA_NEUTRAL);
}

function colorSquare(y: number, u: number, v: number): number {
  return y * y + CHROMA_WEIGHT * (u * u + v * v);
}

function clampTo(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value || 1;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : Math.round(value);
}
