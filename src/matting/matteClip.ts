import type { Rgb } from '../core/background.ts';
import type { Composition } from '../core/composition.ts';
import { RbgvError } from '../core/errors.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { LearnedModel } from '../core/learnedModel.ts';
import { ALPHA_FORMATS, type Model, type OutputFormat } from '../core/model.ts';
import { colorBackdrop, imageBackdrop } from './encode/backdrop.ts';
import { workingMatrix } from './encode/encoderArguments.ts';
import { canvasOf, placeOnCanvas } from './encode/placeOnCanvas.ts';
import type { ClipSamples, EngineName, FittedEngine } from './engines/engine.ts';
import type { Frame } from './grid/frame.ts';
import { createLearnedMatte } from './learned/learnedMatte.ts';
import { openModel } from './learned/openModel.ts';
import { type ColorMatrix, probeSource, type SourceInfo } from './media/probeSource.ts';
import { ProcessFailed } from './media/runProcess.ts';
import { createRefine } from './refine/refine.ts';
import { createSoften } from './refine/soften.ts';
import { renderMatte, type RenderJob } from './renderMatte.ts';
import { route } from './route.ts';
import { sampleClip } from './sampleClip.ts';

/** What stands behind the subject; an image is a local file here. */
export type MatteBackground =
  | { readonly type: 'transparent' }
  | { readonly type: 'color'; readonly rgb: Rgb }
  | { readonly type: 'image'; readonly path: string };

/** One clip to be cut out. All paths are absolute. */
export interface MatteRequest {
  readonly inputPath: string;
  /** Appears only when whole; nothing else is left behind. */
  readonly outputPath: string;
  readonly model: Model;
  readonly format: OutputFormat;
  readonly background: MatteBackground;
  /** Accepted and not understood: the outcome carries the warning `text_prompt_ignored`. */
  readonly prompt?: string;
  readonly composition?: Composition;
  /** Only so much from the beginning. */
  readonly previewSeconds?: number;
  /** Overrides every built-in way of telling subject from background. */
  readonly learned?: LearnedModel;
  readonly tools: FfmpegTools;
}

/** How it went. */
export type MatteOutcome =
  | {
      readonly ok: true;
      readonly engine: EngineName;
      /** 0..1; never proof, see each engine. Absent with a learned model, which gives none. */
      readonly confidence?: number;
      readonly warnings: readonly string[];
      readonly durationSeconds: number;
      readonly frames: number;
    }
  | {
      readonly ok: false;
      readonly code:
        'sandbox_no_confident_matte' | 'sandbox_unreadable_input' | 'sandbox_engine_failed';
      readonly reason: string;
    };

export interface MatteContext {
  readonly signal: AbortSignal;
  /** 0..1, never falling. */
  readonly onProgress: (fraction: number) => void;
}

const LOWEST_CONFIDENCE = 0.35;
const LEAST_COVER = 0.002;
const MOST_COVER = 0.97;
const ANALYSIS_SHARE = 0.15;

/**
 * Cuts the subject out of a clip, with memory that does not grow with its length. Sound is kept
 * where the format has room for it. Without a confident matte it fails and says why: the picture
 * as it was is never handed back as a success.
 *
 * @throws the signal's reason when aborted, both ffmpeg processes being gone by then; the file
 *   system's error when the finished file cannot be put in its place
 */
export async function matteClip(
  request: MatteRequest,
  context: MatteContext,
): Promise<MatteOutcome> {
  const { inputPath, tools, format, background, model } = request;
  if (background.type === 'transparent' && !ALPHA_FORMATS.has(format)) {
    return failed('sandbox_engine_failed', `${format} cannot carry transparency`);
  }
  const source = await probeSource(inputPath, tools, context.signal);
  if (source === undefined) {
    return failed('sandbox_unreadable_input', 'there is no video that ffmpeg can read in the file');
  }
  const part = {
    matrix: workingMatrix(format, source),
    limitSeconds: request.previewSeconds,
  };
  if (request.learned !== undefined) {
    return await matteLearned(request, request.learned, source, part, context);
  }
  let samples: ClipSamples;
  try {
    samples = await sampleClip(source, tools, model, part, context.signal);
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    return failed('sandbox_unreadable_input', `the video cannot be decoded: ${error.message}`);
  }
  if (samples.small.length === 0) {
    return failed('sandbox_unreadable_input', 'the video has no frames');
  }
  context.onProgress(ANALYSIS_SHARE / 2);
  try {
    const fit = await route(samples, model);
    if (!fit.ok) return noMatte(fit.reason);
    if (fit.confidence < LOWEST_CONFIDENCE) {
      return noMatte(
        `the ${fit.engine} method fits, but badly (${fit.confidence.toFixed(2)} of 1)`,
      );
    }
    context.onProgress(ANALYSIS_SHARE);
    const finish =
      model === 'light' ? createSoften(source.width, source.height) : createRefine(fit.background);
    const matte: MatteSource = {
      ...fit,
      matte: (frame, alpha) => finish(frame, fit.prior(frame), alpha),
    };
    return await finishMatte(request, source, part, matte, context);
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    return failed('sandbox_engine_failed', error.message);
  }
}

async function matteLearned(
  request: MatteRequest,
  learned: LearnedModel,
  source: SourceInfo,
  part: Part,
  context: MatteContext,
): Promise<MatteOutcome> {
  try {
    const model = await openModel(learned.path, learned.runtime);
    const matte = createLearnedMatte(model, source, part.matrix);
    const from = { engine: 'learned', warnings: [], matte } as const;
    return await finishMatte(request, source, part, from, context);
  } catch (error) {
    if (!(error instanceof ProcessFailed || error instanceof RbgvError)) throw error;
    return failed('sandbox_engine_failed', error.message);
  }
}

/** What mattes the frames, and what the outcome says about it. */
type MatteSource = Pick<FittedEngine, 'engine' | 'warnings'> &
  Pick<RenderJob, 'matte'> & { readonly confidence?: number };

/** The part of the clip that is worked, and in which matrix. */
interface Part {
  readonly matrix: ColorMatrix;
  readonly limitSeconds: number | undefined;
}

async function finishMatte(
  request: MatteRequest,
  source: SourceInfo,
  part: Part,
  engine: MatteSource,
  { signal, onProgress }: MatteContext,
): Promise<MatteOutcome> {
  const { tools, outputPath, format, background, composition } = request;
  const canvas = canvasOf(source, composition);
  const backdrop = await makeBackdrop(background, tools, part.matrix, canvas, signal);
  const perSecond = source.rate.num / source.rate.den;
  const seconds = Math.min(source.durationSeconds ?? Infinity, part.limitSeconds ?? Infinity);
  const expected = Math.max(1, seconds * perSecond);
  const isAcceptable = (cover: number): boolean => cover >= LEAST_COVER && cover <= MOST_COVER;
  const { frames, cover } = await renderMatte(
    {
      tools,
      source,
      encoding: { ...part, source: canvas, format, hasAlpha: backdrop === undefined },
      outputPath,
      matte: engine.matte,
      place: composition && placeOnCanvas(source, composition),
      backdrop,
      onFrame: (done) =>
        onProgress(ANALYSIS_SHARE + (1 - ANALYSIS_SHARE) * Math.min(1, done / expected)),
      signal,
    },
    (rendered) => isAcceptable(rendered.cover),
  );
  if (!isAcceptable(cover)) {
    return noMatte(`the ${engine.engine} method kept ${(100 * cover).toFixed(1)} % of the picture`);
  }
  return {
    ok: true,
    engine: engine.engine,
    ...(engine.confidence === undefined ? {} : { confidence: engine.confidence }),
    warnings: [
      ...engine.warnings,
      ...(request.prompt === undefined ? [] : ['text_prompt_ignored']),
      ...(source.isHdr ? ['hdr_treated_as_sdr'] : []),
    ],
    durationSeconds: frames / perSecond,
    frames,
  };
}

async function makeBackdrop(
  background: MatteBackground,
  tools: FfmpegTools,
  matrix: ColorMatrix,
  { width, height }: SourceInfo,
  signal: AbortSignal,
): Promise<Frame | undefined> {
  switch (background.type) {
    case 'transparent':
      return undefined;
    case 'color':
      return colorBackdrop(background.rgb, matrix, width, height);
    case 'image':
      return imageBackdrop(background.path, tools, matrix, width, height, signal);
  }
}

type Failure = Extract<MatteOutcome, { readonly ok: false }>;

function failed(code: Failure['code'], reason: string): Failure {
  return { ok: false, code, reason };
}

function noMatte(reason: string): Failure {
  return failed(
    'sandbox_no_confident_matte',
    `${reason}. The local sandbox knows coloured screens, subjects that move before a fixed camera, ` +
      'and people who stay in the middle; the hosted service knows more.',
  );
}
