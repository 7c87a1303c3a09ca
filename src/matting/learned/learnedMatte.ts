import type { Frame } from '../grid/frame.ts';
import { makeTaps, resample } from '../grid/resample.ts';
import type { ColorMatrix } from '../media/probeSource.ts';
import { ProcessFailed } from '../media/runProcess.ts';
import { clamp, fromRgbPlanes, toRgbPlanes } from './colours.ts';
import type { Interface, OpenModel } from './openModel.ts';
import type { Tensor } from './runtime.ts';

/** Mattes frames in order: writes the opacity, and replaces the colours by the subject's own. */
export type LearnedMatte = (frame: Frame, alpha: Uint8Array) => Promise<void>;

/** RobustVideoMatting works on a picture whose longer side has about this many pixels. */
const WORKING_SIDE = 512;

/** @throws ProcessFailed, from the matte, when the graph does not run or gives another shape */
export function createLearnedMatte(
  { runtime, session, asked }: OpenModel,
  { width, height }: { readonly width: number; readonly height: number },
  matrix: ColorMatrix,
): LearnedMatte {
  const rgb = new Float32Array(3 * width * height);
  const run = async (
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> => {
    try {
      return await session.run(feeds);
    } catch (error) {
      throw new ProcessFailed(`the model failed: ${error instanceof Error ? error.message : ''}`);
    }
  };
  const tensor = (data: Float32Array, dims: readonly number[]): Tensor =>
    new runtime.Tensor('float32', data, dims);
  const match = asked.kind === 'video' ? createVideoMatte() : createImageMatte(asked);
  return async (frame, alpha) => {
    toRgbPlanes(frame, matrix, rgb);
    const foreground = await match(alpha);
    fromRgbPlanes(foreground, alpha, matrix, frame);
  };

  function createVideoMatte(): (alpha: Uint8Array) => Promise<Float32Array> {
    const ratio = Math.min(1, WORKING_SIDE / Math.max(width, height));
    const empty = tensor(new Float32Array(1), [1, 1, 1, 1]);
    let states = { r1i: empty, r2i: empty, r3i: empty, r4i: empty };
    return async (alpha) => {
      const { fgr, pha, r1o, r2o, r3o, r4o } = await run({
        ...states,
        src: tensor(rgb, [1, 3, height, width]),
        downsample_ratio: tensor(Float32Array.of(ratio), [1]),
      });
      expectSize(pha, [1, 1, height, width]);
      expectSize(fgr, [1, 3, height, width]);
      states = { r1i: r1o!, r2i: r2o!, r3i: r3o!, r4i: r4o! };
      for (let i = 0; i < alpha.length; i++) alpha[i] = Math.round(255 * clamp(pha!.data[i]!));
      return fgr!.data;
    };
  }

  function createImageMatte(
    image: Extract<Interface, { kind: 'image' }>,
  ): (alpha: Uint8Array) => Promise<Float32Array> {
    const w = image.width ?? width;
    const h = image.height ?? height;
    const there = [makeTaps(w, 0, w / width), makeTaps(h, 0, h / height)] as const;
    return async (alpha) => {
      const size = width * height;
      const input = new Float32Array(3 * w * h);
      for (let n = 0; n < 3; n++) {
        const plane = rgb.subarray(n * size, (n + 1) * size);
        input.set(resample(plane, width, height, ...there, 'repeated'), n * w * h);
      }
      const output = (await run({ [image.input]: tensor(input, [1, 3, h, w]) }))[image.output];
      const [, , outHeight = 0, outWidth = 0] = output?.dims ?? [];
      expectSize(output, [1, 1, outHeight, outWidth]);
      const back = [
        makeTaps(width, 0, width / outWidth),
        makeTaps(height, 0, height / outHeight),
      ] as const;
      const opacity = resample(output!.data, outWidth, outHeight, ...back, 'repeated');
      for (let i = 0; i < size; i++) alpha[i] = Math.round(255 * clamp(opacity[i]!));
      return rgb;
    };
  }
}

function expectSize(tensor: Tensor | undefined, dims: readonly number[]): void {
  const found = tensor?.dims.join('×') ?? 'nothing';
  if (tensor !== undefined && tensor.data.length > 0 && found === dims.join('×')) return;
  throw new ProcessFailed(`the model answered with ${found} instead of ${dims.join('×')}`);
}
