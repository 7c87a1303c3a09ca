import type { Model } from '../../../core/model.ts';
import { type Frame, type GridFrame, half, withLuma } from '../../grid/frame.ts';
import { resizePlane } from '../../grid/resize.ts';
import type { ShotSamples, Fit } from '../engine.ts';
import { findKeyColour } from './keyColour.ts';
import { measureRamp } from './screenness.ts';
import { screenPlate } from './screenPlate.ts';

const FRAMES = 16;
const WEAKEST_KEY = 22;
const SMALLEST_RING = 0.62;
const SMALLEST_COVER = 0.15;
const NARROWEST_RAMP = 0.1;

/**
 * Coloured screen: keys each pixel against the screen as it looks at that very place. Confidence
 * comes from how much of the border is screen and how clearly screen and subject are apart.
 */
export function fitScreen({ source, small }: ShotSamples, model: Model): Fit {
  const step = Math.max(1, Math.floor(small.length / FRAMES));
  const frames = small.filter((_, n) => n % step === 0);
  const key = findKeyColour(frames);
  if (Math.hypot(key.u, key.v) < WEAKEST_KEY || key.ringShare < SMALLEST_RING) return NO_SCREEN;
  const { plate, cover } = screenPlate(frames, key);
  const ramp = measureRamp(frames, plate, key);
  if (cover < SMALLEST_COVER || ramp.high - ramp.low < NARROWEST_RAMP) return NO_SCREEN;

  const enlarged = enlarge(plate, source.width, source.height);
  const ring = 0.6 + (0.4 * (key.ringShare - SMALLEST_RING)) / (1 - SMALLEST_RING);
  return {
    ok: true,
    engine: 'screen',
    confidence: ring * Math.min(1, (ramp.high - ramp.low) / 0.35),
    warnings: [],
    method: {
      background: { plate: enlarged, seen: new Uint8Array(enlarged.u.length).fill(1) },
      guess: { kind: 'screen', ramp, model },
    },
  };
}

const NO_SCREEN = {
  ok: false,
  reason: 'there is no evenly coloured screen behind the subject',
} as const;

/** From 4:4:4 at sample size to 4:2:0 at the clip's. */
function enlarge(
  { y, u, v, width, height }: Frame,
  newWidth: number,
  newHeight: number,
): GridFrame {
  const resize = (plane: Uint8Array, w: number, h: number): Uint8Array =>
    resizePlane(plane, width, height, w, h);
  return withLuma({
    width: newWidth,
    height: newHeight,
    y: resize(y, newWidth, newHeight),
    u: resize(u, half(newWidth), half(newHeight)),
    v: resize(v, half(newWidth), half(newHeight)),
  });
}
