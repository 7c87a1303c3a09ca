import { setFlagsFromString } from 'node:v8';

/**
 * Lets this process's heap double, at most, before it is swept. Left to itself V8 lets a heap of
 * little work grow fourfold: with ten thousand clips 130 MB of what nobody needs any more. A sweep
 * takes some 10 ms, every few seconds. Measured by `npm run bench:scale`.
 */
export function growHeapSlowly(): void {
  setFlagsFromString('--heap-growing-percent=100');
}
