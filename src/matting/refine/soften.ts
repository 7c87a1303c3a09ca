import { createBoxSum } from '../grid/box.ts';
import { half } from '../grid/frame.ts';
import type { MatteFrame } from './refine.ts';
import { upsample } from './upsample.ts';

/**
 * The cheap way from a first guess to a matte, for the `light` model: the prior enlarged, colours
 * as filmed. What is certainly background is painted black all the same, so that no output carries
 * it under a transparent pixel.
 */
export function createSoften(width: number, height: number): MatteFrame {
  const gridWidth = half(width);
  const gridHeight = half(height);
  const boxSum = createBoxSum(gridWidth, gridHeight);
  return ({ y, u, v }, prior, alpha) => {
    upsample(prior, alpha, width, height);
    const around = boxSum(prior, 2);
    for (let i = 0; i < around.length; i++) if (around[i] === 0) u[i] = v[i] = 128;
    for (let row = 0, p = 0; row < height; row++) {
      const start = (row >> 1) * gridWidth;
      for (let column = 0; column < width; column++, p++) {
        if (around[start + (column >> 1)] === 0) y[p] = 16;
      }
    }
  };
}
