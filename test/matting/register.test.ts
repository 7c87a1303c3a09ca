import { expect, test } from 'vitest';

import {
  type Affine,
  IDENTITY,
  invert,
  warpPlane,
} from '../../src/matting/engines/camera/affine.ts';
import { createRegister } from '../../src/matting/engines/camera/register.ts';

const WIDTH = 240;
const HEIGHT = 135;

const scene = new Uint8Array(WIDTH * HEIGHT).map((_, i) => {
  const x = i % WIDTH;
  const y = Math.floor(i / WIDTH);
  return 120 + 40 * Math.sin(x / 5 + y / 17) + 30 * Math.sin(y / 4) * Math.cos(x / 11);
});
const register = createRegister(scene, WIDTH, HEIGHT);

/** Turned by half a degree, a little larger, moved by some pixels. */
const SHAKE: Affine = [1.004, 0.009, -0.009, 1.004, 3.4, -2.2];

function shaken(): Uint8Array {
  const picture = scene.slice();
  warpPlane(scene, invert(SHAKE), WIDTH, HEIGHT, picture);
  return picture;
}

function expectShake(found: Affine): void {
  for (const [x, y] of [
    [20, 20],
    [220, 20],
    [120, 110],
  ] as const) {
    const place = ([a, b, c, d, e, f]: Affine) => [a * x + c * y + e, b * x + d * y + f] as const;
    const [foundX, foundY] = place(found);
    const [trueX, trueY] = place(SHAKE);
    expect(Math.hypot(foundX - trueX, foundY - trueY)).toBeLessThan(0.15);
  }
}

test('the movement of a camera is found to a fraction of a pixel', () => {
  expectShake(register(shaken(), IDENTITY));
});

test('a subject that covers a fifth of the picture does not pull the camera along', () => {
  const picture = shaken();
  for (let y = 15; y < HEIGHT; y++) picture.fill(230, y * WIDTH + 90, y * WIDTH + 145);
  expectShake(register(picture, IDENTITY));
});

test('a picture of one colour leaves the camera where it was', () => {
  const flat = new Uint8Array(WIDTH * HEIGHT).fill(90);
  const found = createRegister(flat, WIDTH, HEIGHT)(flat, SHAKE);
  expect(found).toEqual(SHAKE);
});
