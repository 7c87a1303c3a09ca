import type { Anchor, Composition } from '../../core/composition.ts';
import { type Frame, half } from '../grid/frame.ts';
import { makeTaps, resample, type Taps } from '../grid/resample.ts';
import type { SourceInfo } from '../media/probeSource.ts';

/** A matted picture: colours as the subject's own, and how opaque each pixel is, 0..255. */
export interface Cutout {
  readonly frame: Frame;
  readonly alpha: Uint8Array;
}

/** The picture that comes out: the clip's own, or the canvas with square pixels. */
export function canvasOf(source: SourceInfo, composition: Composition | undefined): SourceInfo {
  const canvas = composition?.canvas;
  return canvas === undefined ? source : { ...source, ...canvas, pixelAspect: '1:1' };
}

const LUMA_BLACK = 16;
const CHROMA_NEUTRAL = 128;

/**
 * Puts the clip's picture on the canvas as a composition says; around it nothing is opaque.
 */
export function placeOnCanvas(
  source: SourceInfo,
  composition: Composition,
): (cutout: Cutout, placed: Cutout) => void {
  const { width, height } = source;
  const canvas = canvasOf(source, composition);
  const placement = placementOf(source, canvas, composition.foreground);
  const [left, scaleX] = placement.across;
  const [top, scaleY] = placement.down;
  const across = makeTaps(canvas.width, left, scaleX);
  const down = makeTaps(canvas.height, top, scaleY);
  const chromaAcross = makeTaps(half(canvas.width), left / 2, scaleX);
  const chromaDown = makeTaps(half(canvas.height), top / 2, scaleY);

  return ({ frame, alpha }, { frame: out, alpha: placed }) => {
    const opacity = Float32Array.from(alpha);
    const onCanvas = resample(opacity, width, height, across, down);
    for (let i = 0; i < placed.length; i++) placed[i] = Math.round(onCanvas[i]!);
    lay(frame.y, opacity, onCanvas, [width, height], across, down, LUMA_BLACK, out.y);
    const coarse = halveOpacity(alpha, width, height);
    const size = [half(width), half(height)] as const;
    const coarseOnCanvas = resample(coarse, ...size, chromaAcross, chromaDown);
    for (const plane of ['u', 'v'] as const) {
      lay(
        ...([frame[plane], coarse, coarseOnCanvas, size, chromaAcross, chromaDown] as const),
        ...([CHROMA_NEUTRAL, out[plane]] as const),
      );
    }
  };
}

/** Colours count by their opacity, so that what is behind the subject does not bleed into its rim. */
function lay(
  plane: Uint8Array,
  opacity: Float32Array,
  onCanvas: Float32Array,
  [width, height]: readonly [number, number],
  across: Taps,
  down: Taps,
  empty: number,
  out: Uint8Array,
): void {
  const weighted = opacity.map((share, i) => share * plane[i]!);
  const sums = resample(weighted, width, height, across, down);
  for (let i = 0; i < out.length; i++) {
    out[i] = onCanvas[i]! < 0.5 ? empty : Math.round(sums[i]! / onCanvas[i]!);
  }
}

function halveOpacity(alpha: Uint8Array, width: number, height: number): Float32Array {
  const out = new Float32Array(half(width) * half(height));
  for (let row = 0, i = 0; row < half(height); row++) {
    const top = 2 * row * width;
    const down = 2 * row + 1 < height ? width : 0;
    for (let column = 0; column < half(width); column++, i++) {
      const p = top + 2 * column;
      const next = 2 * column + 1 < width ? 1 : 0;
      out[i] = (alpha[p]! + alpha[p + next]! + alpha[p + down]! + alpha[p + down + next]!) / 4;
    }
  }
  return out;
}

/** Where the picture begins on the canvas and how much larger it is there, for both directions. */
function placementOf(
  { width, height, pixelAspect }: SourceInfo,
  canvas: SourceInfo,
  { anchor, scale, offset }: Composition['foreground'],
): Readonly<Record<'across' | 'down', readonly [start: number, scale: number]>> {
  const shape = canvas.pixelAspect === pixelAspect ? 1 : ratio(pixelAspect);
  const fit = scale * Math.min(canvas.width / (width * shape), canvas.height / height);
  const [right, low] = shares(anchor);
  return {
    across: [right * (canvas.width - width * shape * fit) + offset.x, fit * shape],
    down: [low * (canvas.height - height * fit) + offset.y, fit],
  };
}

function shares(anchor: Anchor): readonly [number, number] {
  const across = anchor.endsWith('left') ? 0 : anchor.endsWith('right') ? 1 : 0.5;
  const down = anchor.startsWith('top') ? 0 : anchor.startsWith('bottom') ? 1 : 0.5;
  return [across, down];
}

function ratio(text: string): number {
  const [across = 1, down = 1] = text.split(':').map(Number);
  return across / down;
}
