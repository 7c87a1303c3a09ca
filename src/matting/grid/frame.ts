import { wholeGrid } from './region.ts';

/**
 * One picture as three planes of 8-bit YUV, limited range (16–235, 16–240). With 4:2:0 the chroma
 * planes have half the size, rounded up; with 4:4:4 all planes have the size of the picture.
 */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** Half of a picture's side, rounded up: the side of its chroma planes. */
export function half(side: number): number {
  return (side + 1) >> 1;
}

/** Bytes of a raw 4:2:0 picture. */
export function frameBytes(width: number, height: number): number {
  return width * height + 2 * half(width) * half(height);
}

/** The planes of a raw 4:2:0 picture, as views on its bytes: nothing is copied. */
export function frameOver(bytes: Uint8Array, width: number, height: number): Frame {
  const luma = width * height;
  const chroma = half(width) * half(height);
  return {
    width,
    height,
    y: bytes.subarray(0, luma),
    u: bytes.subarray(luma, luma + chroma),
    v: bytes.subarray(luma + chroma, luma + 2 * chroma),
  };
}

/** Like `frameOver` for 4:4:4. */
export function fullFrameOver(bytes: Uint8Array, width: number, height: number): Frame {
  const size = width * height;
  return {
    width,
    height,
    y: bytes.subarray(0, size),
    u: bytes.subarray(size, 2 * size),
    v: bytes.subarray(2 * size, 3 * size),
  };
}

/** A 4:2:0 picture of its own, all zero. */
export function newFrame(width: number, height: number): Frame {
  return frameOver(new Uint8Array(frameBytes(width, height)), width, height);
}

/** A picture of its own, like the other. */
export function copyFrame({ width, height, y, u, v }: Frame): Frame {
  return { width, height, y: y.slice(), u: u.slice(), v: v.slice() };
}

/**
 * Writes the mean of each 2×2 block of luma: the luma on the chroma grid of a 4:2:0 picture.
 *
 * @param region of the chroma grid, outside of which nothing is written
 */
export function halveLuma(
  y: Uint8Array,
  width: number,
  height: number,
  out: Uint8Array,
  region = wholeGrid(half(width), half(height)),
): void {
  const outWidth = half(width);
  for (let outRow = region.top; outRow < region.bottom; outRow++) {
    const row = 2 * outRow;
    const top = row * width;
    const bottom = row + 1 < height ? top + width : top;
    let i = outRow * outWidth + region.left;
    for (let column = region.left; column < region.right; column++, i++) {
      const left = 2 * column;
      const right = left + 1 < width ? left + 1 : left;
      const sum = y[top + left]! + y[top + right]! + y[bottom + left]! + y[bottom + right]!;
      out[i] = (sum + 2) >> 2;
    }
  }
}
