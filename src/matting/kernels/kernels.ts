import { BINARY } from './binary.ts';

/** Node has it, but its types do not. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** What `kernels/index.ts` exports; planes are addresses in `memory`, see `put` and `room`. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly base: { readonly value: number };
  boxSum(
    source: number,
    width: number,
    left: number,
    top: number,
    right: number,
    bottom: number,
    radius: number,
    sums: number,
    room: number,
  ): void;
  halve(source: number, width: number, height: number, out: number): void;
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

function bytesOf({ buffer, byteOffset, byteLength }: Plane): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
