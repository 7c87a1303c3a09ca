import { clearRoom, kernels, put, room, take } from '../kernels/kernels.ts';

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

/** A 4:2:0 picture that also carries its luma on its chroma grid. */
export interface GridFrame extends Frame {
  readonly luma: Uint8Array;
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
 * Writes the mean of each 2×2 block of a plane, whose last line and column count twice where there is
 * an odd number of them.
 */
export function halveLuma(y: Uint8Array, width: number, height: number, out: Uint8Array): void {
  clearRoom();
  const from = put(y);
  const to = room(out.length);
  kernels.halve(from, width, height, to);
  take(to, out);
}

/** @param luma memory for the luma on the chroma grid; new when missing */
export function withLuma(
  { width, height, y, u, v }: Frame,
  luma: Uint8Array = new Uint8Array(u.length),
): GridFrame {
  halveLuma(y, width, height, luma);
  return { width, height, y, u, v, luma };
}
