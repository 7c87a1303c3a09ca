import { RbgvError } from '../core/errors.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { ALPHA_FORMATS } from '../core/model.ts';
import { colorBackdrop, imageBackdrop } from './encode/backdrop.ts';
import { workingMatrix } from './encode/encoderArguments.ts';
import { canvasOf } from './encode/placeOnCanvas.ts';
import type { Frame } from './grid/frame.ts';
import type { MatteBackground, MatteContext, MatteOutcome, MatteRequest } from './matteJob.ts';
import { type ColorMatrix, probeSource, type SourceInfo } from './media/probeSource.ts';
import { ProcessFailed } from './media/runProcess.ts';
import { renderMatte, type RenderedShot, type RenderShot } from './renderMatte.ts';
import { type Shot, surveyShots, Undecodable } from './survey.ts';
import { aboutShot, NoMatte, openWays, type Way } from './ways.ts';

const LEAST_COVER = 0.002;
const MOST_COVER = 0.97;
const ANALYSIS_SHARE = 0.15;
/** 8K, upright or not. What is larger is more often a broken header than a film. */
const MOST_PIXELS = 8192 * 4352;
const US_PER_SECOND = 1_000_000;

/**
 * Cuts the subject out of a clip, shot by shot, with memory that does not grow with its length.
 * Frames are shown when they were; sound is kept where the format has room for it. When one shot has
 * no confident matte the whole clip fails and says which and why: the picture as it was is never
 * handed back as a success.
 *
 * @throws the signal's reason when aborted, all ffmpeg processes and threads being gone by then; a
 *   thread's error when it breaks down; the file system's error when the finished file cannot be put
 *   in its place
 */
export async function matteClip(
  request: MatteRequest,
  context: MatteContext,
): Promise<MatteOutcome> {
  const { inputPath, tools, format, background } = request;
  if (background.type === 'transparent' && !ALPHA_FORMATS.has(format)) {
    return failed('sandbox_engine_failed', `${format} cannot carry transparency`);
  }
  const source = await probeSource(inputPath, tools, context.signal);
  if (source === undefined) {
    return failed('sandbox_unreadable_input', 'there is no video that ffmpeg can read in the file');
  }
  if (source.width * source.height > MOST_PIXELS) {
    const size = `${source.width}×${source.height}`;
    return failed('sandbox_unreadable_input', `pictures of ${size} are too large`);
  }
  try {
    return await matteSource(request, source, context);
  } catch (error) {
    if (error instanceof NoMatte) return noMatte(error.message);
    if (error instanceof ProcessFailed || error instanceof RbgvError)
      return failed('sandbox_engine_failed', error.message);
    if (!(error instanceof Undecodable)) throw error;
    return failed('sandbox_unreadable_input', `the video cannot be decoded: ${error.message}`);
  }
}

interface FittedShot extends RenderShot {
  readonly shot: Shot;
  readonly way: Way;
}

async function matteSource(
  request: MatteRequest,
  source: SourceInfo,
  { signal, onProgress, threads }: MatteContext,
): Promise<MatteOutcome> {
  const { tools, outputPath, format, background, composition, model, previewSeconds } = request;
  const working = { model, matrix: workingMatrix(format, source), limitSeconds: previewSeconds };
  const canvas = canvasOf(source, composition);
  const backdrop = await makeBackdrop(background, tools, working.matrix, canvas, signal);
  const ways = await openWays(request, source, working.matrix);
  let reached = 0;
  const report = (fraction: number): void => {
    if (fraction > reached) onProgress((reached = fraction));
  };

  async function* fitShots(): AsyncGenerator<FittedShot, void, undefined> {
    for await (const shot of surveyShots(source, tools, working, signal)) {
      report(ANALYSIS_SHARE / 2);
      const way = await ways(shot);
      report(ANALYSIS_SHARE);
      const treatment = { method: way.method, contour: way.contour, backdrop } as const;
      const { toUs, isSteady } = shot;
      yield { shot, toUs, isSteady, way, treatment, follow: way.follow };
    }
  }

  const perFrame = source.rate.den / source.rate.num;
  const known = source.durationSeconds ?? previewSeconds ?? Infinity;
  const expected = Math.min(known, previewSeconds ?? known) / perFrame;
  const shots = fitShots();
  try {
    const {
      shots: rendered,
      frames,
      lastUs,
    } = await renderMatte(
      {
        ...{ tools, outputPath, threads, signal },
        ...{
          composition,
          encoding: { ...working, source, format, hasAlpha: backdrop === undefined },
        },
        onFrame: (done) =>
          report(ANALYSIS_SHARE + (1 - ANALYSIS_SHARE) * Math.min(1, done / expected)),
      },
      shots,
      (result) => result.frames > 0 && result.shots.every(isAcceptable),
    );
    if (frames === 0) return failed('sandbox_unreadable_input', 'the video has no frames');
    const unacceptable = rendered.find((shot) => !isAcceptable(shot));
    if (unacceptable !== undefined) {
      const { shot, way } = unacceptable.shot;
      const kept = `kept ${(100 * unacceptable.cover).toFixed(1)} % of the picture`;
      return noMatte(aboutShot(shot, `the ${way.engine} method ${kept}`));
    }
    const durationSeconds = (lastUs + Math.round(US_PER_SECOND * perFrame)) / US_PER_SECOND;
    return {
      ok: true,
      durationSeconds,
      frames,
      ...summary(rendered, source, request, durationSeconds),
    };
  } finally {
    await shots.return();
  }
}

function isAcceptable({ cover }: RenderedShot<FittedShot>): boolean {
  return cover >= LEAST_COVER && cover <= MOST_COVER;
}

/** What is told of a clip that went well. */
function summary(
  rendered: readonly RenderedShot<FittedShot>[],
  source: SourceInfo,
  { prompt }: MatteRequest,
  durationSeconds: number,
): Pick<Extract<MatteOutcome, { ok: true }>, 'engine' | 'confidence' | 'warnings' | 'shots'> {
  const shots = rendered.map(({ shot: { shot, way } }) => ({
    fromSeconds: shot.fromUs / US_PER_SECOND,
    toSeconds: shot.toUs === undefined ? durationSeconds : shot.toUs / US_PER_SECOND,
    engine: way.engine,
    ...(way.confidence === undefined ? {} : { confidence: way.confidence }),
    warnings: way.warnings,
  }));
  const warnings = [
    ...shots.flatMap((shot) => shot.warnings),
    ...(prompt === undefined ? [] : ['text_prompt_ignored']),
    ...(source.hdr !== undefined ? ['hdr_treated_as_sdr'] : []),
    ...(source.isInterlaced ? ['deinterlaced'] : []),
    ...(source.hasAlpha ? ['transparency_of_input_ignored'] : []),
    ...(source.audioTracks > 1 ? ['only_first_audio_track_kept'] : []),
  ];
  const confidence = Math.min(...shots.map((shot) => shot.confidence ?? Infinity));
  return {
    engine: [...new Set(shots.map((shot) => shot.engine))].join('+'),
    ...(confidence === Infinity ? {} : { confidence }),
    warnings: [...new Set(warnings)],
    shots,
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
