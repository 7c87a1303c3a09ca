import type { Region } from '../grid/region.ts';
import { BINARY } from './binary.ts';

/** Node has it, but its types do not. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** What `assembly/index.ts` exports; planes are addresses in `memory`, see `put` and `room`. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly base: { readonly value: number };
  boxSum(
    source: number,
    width: number,
    region: number,
    radius: number,
    sums: number,
    room: number,
  ): void;
  halve(source: number, width: number, height: number, out: number): void;
  sum(plane: number, size: number): number;
  shrink(
    source: number,
    width: number,
    columns: number,
    newWidth: number,
    rows: number,
    newHeight: number,
    scale: number,
    out: number,
    room: number,
  ): void;
  resize(
    source: number,
    width: number,
    columns: number,
    newWidth: number,
    rows: number,
    newHeight: number,
    out: number,
    room: number,
  ): void;
  upsample(grid: number, out: number, width: number, height: number): void;
  bounds(plane: number, width: number, height: number, region: number, room: number): void;
  screenness(picture: number, screen: number, size: number, out: number): void;
  key(
    picture: number,
    screen: number,
    size: number,
    high: number,
    scale: number,
    prior: number,
    mask: number,
  ): void;
  differ(
    picture: number,
    plate: number,
    lumaScale: number,
    chromaScale: number,
    exposure: number,
    width: number,
    height: number,
    region: number,
    out: number,
    room: number,
  ): void;
  ramp(
    difference: number,
    outline: number,
    first: number,
    end: number,
    start: number,
    full: number,
    out: number,
  ): void;
  keepNear(
    plane: number,
    mask: number,
    radius: number,
    width: number,
    region: number,
    out: number,
    room: number,
  ): void;
  squareSteps(
    picture: number,
    width: number,
    region: number,
    dx: number,
    dy: number,
    damping: number,
    out: number,
  ): number;
  weaken(squares: number, count: number, scale: number, most: number, least: number): void;
  medians(
    lines: number,
    counts: number,
    share: number,
    count: number,
    width: number,
    out: number,
    room: number,
  ): void;
  fill(picture: number, known: number, width: number, height: number, room: number): void;
  refine(
    frame: number,
    plate: number,
    seen: number,
    prior: number,
    width: number,
    height: number,
    region: number,
    core: number,
    doubt: number,
    out: number,
    alpha: number,
    room: number,
  ): void;
}

/** The loops over pixels that cost most, with SIMD instructions; an instance for each thread. */
export const kernels = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from(BINARY, 'base64')),
).exports as Kernels;

const PAGE = 1 << 16;
/** Kernels read and write whole vectors, and so up to this many bytes past the end of a plane. */
const SLACK = 64;

let bytes = new Uint8Array(kernels.memory.buffer);
let end = kernels.base.value;

/**
 * Makes the memory of the kernels free for another call. They keep nothing from call to call, so
 * that the memory never holds more than one of them needs.
 */
export function clearRoom(): void {
  end = kernels.base.value;
}

/** The address of so many bytes, which hold anything. */
export function room(size: number): number {
  const address = (end + 15) & ~15;
  end = address + size + SLACK;
  const missing = end - bytes.length;
  if (missing > 0) {
    kernels.memory.grow(Math.ceil(missing / PAGE));
    bytes = new Uint8Array(kernels.memory.buffer);
  }
  return address;
}

type Plane = Uint8Array | Int32Array | Float32Array;

/** The address of a copy of a plane. */
export function put(plane: Plane): number {
  const address = room(plane.byteLength);
  bytes.set(bytesOf(plane), address);
  return address;
}

/** Copies what is at an address into a plane. */
export function take(address: number, plane: Plane): void {
  bytesOf(plane).set(bytes.subarray(address, address + plane.byteLength));
}

/** Some rows of a plane. */
export interface Rows {
  readonly top: number;
  /** Exclusive. */
  readonly bottom: number;
  /** Length of a row. */
  readonly stride: number;
}

/** Like `put`, but only these rows are copied; the address is that of the whole plane. */
export function putRows(plane: Plane, { top, bottom, stride }: Rows): number {
  const first = top * stride;
  return put(plane.subarray(first, bottom * stride)) - first * plane.BYTES_PER_ELEMENT;
}

/** Like `take`, but only these rows are copied. */
export function takeRows(address: number, plane: Plane, { top, bottom, stride }: Rows): void {
  const first = top * stride;
  take(address + first * plane.BYTES_PER_ELEMENT, plane.subarray(first, bottom * stride));
}

/** The address of a picture of the kernels, from those of its planes: y, u, v and luma. */
export function putPicture(planes: readonly number[]): number {
  return put(Int32Array.from(planes));
}

export function putRegion({ left, top, right, bottom }: Region): number {
  return put(Int32Array.of(left, top, right, bottom));
}

function bytesOf({ buffer, byteOffset, byteLength }: Plane): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
