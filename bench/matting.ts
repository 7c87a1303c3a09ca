import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { encodeScene } from '../fixtures/encodeScene.ts';
import { renderScene, SCENE_NAMES, type SceneName } from '../fixtures/scenes.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { FFMPEG_ENV } from '../src/core/ffmpegTools.ts';
import type { MatteOutcome, MatteRequest } from '../src/matting/matteJob.ts';
import { locateTools } from '../src/media/locateTools.ts';
import { type AlphaError, alphaError } from '../test/matting/alphaError.ts';
import { contactSheet } from './contactSheet.ts';
import { matteCeiling } from './matteCeiling.ts';
import { mattePeers } from './mattePeers.ts';
import { median, timed } from './measure.ts';
import { type PeakMemory, watchMemory } from './watchMemory.ts';

/** Measures the local engine's quality and speed and writes `bench/MATTING.md`. */

const QUALITY = { width: 640, height: 360, framesPerSecond: 30, seconds: 5 };
/** Scenes whose figures are held against what is attainable. */
const CEILINGS: ReadonlySet<SceneName> = new Set(['walker', 'handheld']);
const SPEED_SCENES = ['greenScreen', 'walker', 'wall'] as const satisfies readonly SceneName[];
const SPEED_SIZES = [
  [640, 360, 5],
  [1280, 720, 5],
  [1920, 1080, 3],
] as const;
/** Each job is measured so often, beside its limit, and the one in the middle of the ratios counts. */
const ROUNDS = 3;
const VP9 =
  '-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -threads 2 -tile-columns 1 -b:v 0 -crf 30 -lag-in-frames 0 -f null -';

const SHEETS = join(import.meta.dirname, 'sheets');

const tools = await locateTools(readEnvironment());
const PEERS = await mattePeers(tools);
await mkdir(SHEETS, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'rbgv-bench-'));
try {
  const quality: string[] = [];
  for (const name of SCENE_NAMES) quality.push(...(await qualityRows(name)));
  const speed: string[] = [];
  for (const [width, height, seconds] of SPEED_SIZES) {
    for (const name of SPEED_SCENES) speed.push(await speedRow(name, width, height, seconds));
  }
  const extremes = [
    await extremeRow('30 min, 160×90, 5 frames/s', [160, 90, 5], 360),
    await extremeRow('2 s, 3840×2160, 30 frames/s', [3840, 2160, 30], 1),
  ];
  const text = [
    '# The local engine, measured',
    [
      'Written by `npm run bench:matting` on generated clips with true opacity, read back from the encoded',
      'output: MAD, MSE (×1000), Grad (sum/1000), dtSSD (×100) and IoU as in RVM, 640×360. The peer is what ffmpeg',
      'filters do: the best of three `chromakey` settings with the true colour, or the difference to the first frame,',
      'or for the walker to the median over time, where ffmpeg has `tmedian` (4.3 and later). The ceiling is our own',
      'last step given the true plate and the true outline (opacity cut at one half, on the chroma grid).',
      'To look at: `bench/sheets/`, a picture for each scene (filmed, cut out, opacity, error: red too much, blue too',
      'little). The walker fills under 4 % of the picture and is 20 pixels broad: the true opacity moved by one pixel',
      'has an IoU of 0.932 there, and 0.946 to 0.954 in the other scenes.',
    ].join('\n'),
    table(['scene', 'engine', 'MAD', 'MSE', 'Grad', 'dtSSD', 'IoU'], quality),
    [
      'Whole jobs to WebM with alpha, analysis included, of 5 s at 360p and 720p and of 3 s at 1080p. The limit is',
      'ffmpeg decoding the clip and encoding colour and opacity, nothing else, right after; of three such pairs the',
      'middle one counts. The filter is the peer above without an encoder. Memory is the highest proportional set',
      'size (shared pages count once) of Node alone, where the engine is, of Node with all its ffmpeg processes, and of',
      "the limit's single ffmpeg (Linux), in runs of their own.",
    ].join('\n'),
    table(
      [
        ...['scene', 'size', 'frames/s', 'limit', 'wall ÷ limit', 'filter'],
        ...['Node, MB', 'all, MB', 'limit, MB'],
      ],
      speed,
    ),
    [
      'Single jobs at the ends of the range, and their memory, counted likewise: at half the time, at the end, and',
      'the peak (middle samples of the sixth and of the last tenth).',
    ].join('\n'),
    table(['clip', 'frames/s', 'halfway, MB', 'at the end, MB', 'peak, MB'], extremes),
    `${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`,
  ].join('\n\n');
  await writeFile(join(import.meta.dirname, 'MATTING.md'), `${text}\n`);
  console.log(text);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function qualityRows(name: SceneName): Promise<string[]> {
  const clip = join(folder, `${name}.mp4`);
  await encodeScene(name, QUALITY, clip, tools);
  const truth = Buffer.concat(Array.from(renderScene(name, QUALITY), ({ alpha }) => alpha));
  const measure = (found: Uint8Array): AlphaError =>
    alphaError(found, truth, QUALITY.width, QUALITY.height);
  const { outcome, output } = await matte(clip);
  let ours = outcome.ok ? '' : `| ${name} | none: ${outcome.code} | | | | | |`;
  if (outcome.ok) {
    const found = await opacity(output, 'alphaextract', ['libvpx-vp9']);
    ours = row(name, outcome.engine, measure(found));
    const pictures = await rawPictures(clip);
    const sheet = contactSheet({ ...QUALITY, pictures, found, truth });
    await writeFile(join(SHEETS, `${name}.png`), sheet);
  }
  let best: AlphaError | undefined;
  for (const filter of PEERS[name]) {
    const error = measure(await opacity(clip, filter));
    if (best === undefined || error.mad < best.mad) best = error;
  }
  const rows = best === undefined ? [ours] : [ours, row('', 'ffmpeg', best)];
  if (!CEILINGS.has(name)) return rows;
  const ceiling = await matteCeiling(name, QUALITY, clip, truth, tools);
  return [...rows, row('', 'ceiling: true plate and true outline', measure(ceiling))];
}

async function speedRow(
  name: SceneName,
  width: number,
  height: number,
  seconds: number,
): Promise<string> {
  const clip = join(folder, `${name}-${height}.mp4`);
  await encodeScene(name, { width, height, framesPerSecond: 30, seconds }, clip, tools);
  const limitArgs = (output: string): string[] => [
    ...['-i', clip, '-c:v', 'libvpx-vp9', '-i', output],
    ...['-filter_complex', '[1:v]alphaextract[opacity]'],
    ...['-map', '0:v', ...words(VP9), '-map', '[opacity]', ...words(VP9)],
  ];
  const rounds: SpeedRound[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const { outcome, output, seconds: wall } = await matte(clip);
    if (!outcome.ok) return `| ${name} | ${height}p | ${outcome.code} | | | | | | |`;
    const limit = await timed(() => ffmpeg(limitArgs(output)));
    rounds.push({ seconds: wall, frames: outcome.frames, ratio: (1000 * wall) / limit });
  }
  rounds.sort((one, other) => one.ratio - other.ratio);
  const middle = rounds[ROUNDS >> 1];
  if (middle === undefined) throw new Error('nothing was measured');
  const { frames, seconds: took, ratio } = middle;
  const [filter = 'null'] = PEERS[name];
  const peer = await timed(() =>
    ffmpeg(['-i', clip, '-filter_complex', filter, '-f', 'null', '-']),
  );
  // Runs of their own: watching slows what is watched.
  const { output, peak } = await matte(clip, () => undefined);
  let limitMb = 0;
  await ffmpeg(limitArgs(output), (mb) => (limitMb = Math.max(limitMb, mb)));
  const figures = [
    (frames / took).toFixed(1),
    ((frames * ratio) / took).toFixed(1),
    ratio.toFixed(2),
    ((1000 * frames) / peer).toFixed(1),
    peak.ownMb.toFixed(0),
    peak.allMb.toFixed(0),
    limitMb.toFixed(0),
  ];
  return `| ${name} | ${height}p | ${figures.join(' | ')} |`;
}

/** A green screen of 5 s (of 2 s when it is shown once), shown so many times in a row. */
async function extremeRow(
  what: string,
  [width, height, framesPerSecond]: readonly [number, number, number],
  times: number,
): Promise<string> {
  const once = join(folder, `once-${height}.mp4`);
  const seconds = times === 1 ? 2 : 5;
  await encodeScene('greenScreen', { width, height, framesPerSecond, seconds }, once, tools);
  const clip = join(folder, `long-${height}.mp4`);
  await ffmpeg(['-stream_loop', String(times - 1), '-i', once, '-c', 'copy', clip]);
  const samples: number[] = [];
  const { outcome, seconds: took, peak } = await matte(clip, (mb) => samples.push(mb));
  if (!outcome.ok) return `| ${what} | ${outcome.code} | | | |`;
  const tenth = Math.ceil(samples.length / 10);
  const halfway = median(samples.slice(5 * tenth, 6 * tenth));
  const figures = [halfway, median(samples.slice(-tenth)), peak.allMb];
  const cells = figures.map((mb) => mb.toFixed(0)).join(' | ');
  return `| ${what} | ${(outcome.frames / took).toFixed(1)} | ${cells} |`;
}

interface SpeedRound {
  readonly seconds: number;
  readonly frames: number;
  /** Of the whole job's time and the limit's. */
  readonly ratio: number;
}

interface Job {
  readonly outcome: MatteOutcome;
  readonly output: string;
  readonly seconds: number;
  /** No numbers where nobody watched. */
  readonly peak: PeakMemory;
}

async function matte(clip: string, onSample?: (mb: number) => void): Promise<Job> {
  const output = `${clip}.webm`;
  const request: MatteRequest = {
    ...{ inputPath: clip, outputPath: output, model: 'original', format: 'webm', tools },
    background: { type: 'transparent' },
  };
  const script = join(import.meta.dirname, 'matteOnce.js');
  const job = execa(process.execPath, [script, JSON.stringify(request)]);
  const endWatch = onSample && watchMemory(job.pid ?? process.pid, onSample);
  const { stdout } = await job;
  const peak = endWatch?.() ?? { ownMb: NaN, allMb: NaN };
  return { output, peak, ...(JSON.parse(stdout) as Omit<Job, 'output' | 'peak'>) };
}

async function opacity(
  path: string,
  filter: string,
  [decoder]: readonly string[] = [],
): Promise<Uint8Array> {
  return await ffmpeg([
    ...(decoder === undefined ? [] : ['-c:v', decoder]),
    ...['-i', path, '-filter_complex', filter, '-vsync', '0'],
    ...['-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
  ]);
}

function rawPictures(clip: string): Promise<Uint8Array> {
  return ffmpeg(['-i', clip, '-vsync', '0', ...words('-pix_fmt rgb24 -f rawvideo -')]);
}

async function ffmpeg(
  args: readonly string[],
  onSample?: (mb: number) => void,
): Promise<Uint8Array> {
  const all = ['-v', 'error', '-nostdin', ...args];
  const options = { env: FFMPEG_ENV, encoding: 'buffer', maxBuffer: 1e9 } as const;
  const running = execa(tools.ffmpegPath, all, options);
  const endWatch =
    onSample === undefined ? undefined : watchMemory(running.pid ?? process.pid, onSample);
  try {
    return (await running).stdout;
  } finally {
    endWatch?.();
  }
}

function row(scene: string, engine: string, error: AlphaError): string {
  const { mad, mse, grad, dtSsd, iou } = error;
  const figures = [mad, mse, grad, dtSsd].map((figure) => figure.toFixed(2));
  return `| ${[scene, engine, ...figures, iou.toFixed(3)].join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows].join('\n');
}

function words(text: string): string[] {
  return text.split(' ');
}
