import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { FFMPEG_ENV } from '../../src/core/ffmpegTools.ts';
import { matteClip } from '../../src/matting/matteClip.ts';
import type { MatteOutcome, MatteRequest } from '../../src/matting/matteJob.ts';
import { drawClip, markTurned, SCENES, tools } from './drawnClips.ts';
import {
  decode,
  decodeWebmAlpha,
  intersectionOverUnion,
  pictureTimes,
  probe,
  soundSeconds,
} from './readBack.ts';
import { readStoredZip } from './readStoredZip.ts';
import { readWebp } from './readWebp.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-inputs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function matte(
  inputPath: string,
  outputPath: string,
  options: Partial<MatteRequest> = {},
): Promise<MatteOutcome> {
  return matteClip(
    {
      inputPath,
      outputPath,
      model: 'light',
      format: 'webm',
      background: { type: 'transparent' },
      tools,
      ...options,
    },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
}

test('a clip with odd sides keeps its size and its outline', async () => {
  const clip = join(folder, 'odd.mkv');
  const encoding = ['-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv444p'];
  const size = { width: 321, height: 181 };
  const truth = await drawClip(SCENES.greenScreen, clip, { ...size, frames: 10, encoding });
  const output = join(folder, 'odd.webm');
  expect(await matte(clip, output, { model: 'original' })).toMatchObject({ ok: true });
  expect((await probe(output)).streams[0]).toMatchObject(size);
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.95);
});

test('an odd clip loses its last line and column in mp4, which has none such', async () => {
  const clip = join(folder, 'odd2.mkv');
  const encoding = ['-c:v', 'libx264', '-pix_fmt', 'yuv444p'];
  await drawClip(SCENES.greenScreen, clip, { width: 321, height: 181, frames: 5, encoding });
  const output = join(folder, 'odd.mp4');
  const background = { type: 'color', rgb: [255, 255, 255] } as const;
  expect(await matte(clip, output, { format: 'mp4', background })).toMatchObject({ ok: true });
  expect((await probe(output)).streams[0]).toMatchObject({ width: 320, height: 180 });
});

test('a clip filmed upright comes out upright', async () => {
  const lying = join(folder, 'lying.mp4');
  const truth = await drawClip(SCENES.greenScreen, lying, {
    ...{ width: 180, height: 320, frames: 8, filters: 'transpose=cclock' },
  });
  const clip = join(folder, 'turned.mp4');
  await markTurned(lying, clip);
  const output = join(folder, 'upright.webm');
  expect(await matte(clip, output)).toMatchObject({ ok: true });
  expect((await probe(output)).streams[0]).toMatchObject({ width: 180, height: 320 });
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.9);
});

/** A clip whose frames come at 20 a second and then, hurriedly, at uneven times. */
const UNEVEN = "setpts='if(lt(N,16),N/20,0.8+(N-16)*(N-10)/90)/TB'";

test.each(['webm', 'mov'] as const)(
  'frames of uneven times are shown at the very same times in %s, and the sound is whole',
  async (format) => {
    const clip = join(folder, `uneven-${format}.mkv`);
    await drawClip(SCENES.greenScreen, clip, {
      ...{ frames: 24, rate: 20, filters: UNEVEN },
      encoding: ['-vsync', 'vfr', '-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p'],
      sound: ['-c:a', 'pcm_s16le'],
    });
    const output = join(folder, `uneven.${format}`);
    expect(await matte(clip, output, { format })).toMatchObject({ ok: true, frames: 24 });
    const times = await pictureTimes(clip);
    expect(
      new Set(times.slice(1).map((time, n) => Math.round(100 * (time - times[n]!)))).size,
    ).toBeGreaterThan(3);
    expect((await pictureTimes(output)).slice(0, 24)).toEqual(times);
    expect(await soundSeconds(output)).toBeCloseTo(await soundSeconds(clip), 1);
  },
);

test.each(['gif', 'webp'] as const)(
  'a clip of uneven frame times keeps its length in %s',
  async (format) => {
    const clip = join(folder, `slow-${format}.mkv`);
    await drawClip(SCENES.greenScreen, clip, {
      ...{ frames: 20, rate: 10, filters: "setpts='if(lt(N,10),N/10,1+(N-10)/4)/TB'" },
      encoding: ['-vsync', 'vfr', '-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p'],
    });
    const output = join(folder, `slow.${format}`);
    expect(await matte(clip, output, { format })).toMatchObject({ ok: true, frames: 20 });
    const seconds =
      format === 'gif'
        ? (await probe(output)).durationSeconds
        : (await readWebp(output)).durationMs / 1000;
    expect(Math.abs(seconds - 3.5)).toBeLessThan(0.2);
  },
);

test.each([
  [
    'hevc of 10 bits',
    'mp4',
    [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p10le',
      '-x265-params',
      'log-level=none',
    ],
    [],
  ],
  [
    'av1',
    'mkv',
    ['-c:v', 'libaom-av1', '-strict', 'experimental', '-cpu-used', '8', '-crf', '20', '-b:v', '0'],
    [],
  ],
  [
    'vp9',
    'webm',
    ['-c:v', 'libvpx-vp9', '-b:v', '1M', '-cpu-used', '8', '-deadline', 'realtime'],
    [],
  ],
  ['mjpeg', 'avi', ['-c:v', 'mjpeg', '-q:v', '3'], []],
  [
    'interlaced mpeg-2',
    'ts',
    ['-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-top', '1', '-b:v', '4M'],
    ['deinterlaced'],
  ],
  [
    'prores with an alpha channel',
    'mov',
    ['-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le'],
    ['transparency_of_input_ignored'],
  ],
] as const)('a clip in %s is cut out', async (name, container, encoding, warnings) => {
  const clip = join(folder, `${name}.${container}`);
  const truth = await drawClip(SCENES.greenScreen, clip, {
    width: 192,
    height: 108,
    frames: 10,
    encoding,
  });
  const output = `${clip}.webm`;
  expect(await matte(clip, output)).toMatchObject({ ok: true, frames: 10, warnings });
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.9);
});

test.each([
  ['PQ', 'smpte2084'],
  ['HLG', 'arib-std-b67'],
])('%s is worked as ordinary video, and that is said', async (name, transfer) => {
  const clip = join(folder, `${name}.mkv`);
  const toHdr =
    'zscale=npl=203:matrixin=bt709:transferin=bt709:primariesin=bt709:' +
    `matrix=bt2020nc:transfer=${transfer}:primaries=bt2020,format=yuv420p10le`;
  const tags = `-color_primaries bt2020 -color_trc ${transfer} -colorspace bt2020nc`;
  const truth = await drawClip(SCENES.greenScreen, clip, {
    ...{ width: 192, height: 108, frames: 10 },
    filters: `format=gbrp,${toHdr}`,
    encoding: [...`-c:v libx264 -crf 14 ${tags}`.split(' ')],
  });
  expect((await probe(clip)).streams[0]).toMatchObject({ color_transfer: transfer });
  const output = `${clip}.webm`;
  const outcome = await matte(clip, output);
  expect(outcome).toMatchObject({ ok: true, frames: 10 });
  expect(outcome.ok && outcome.warnings).toContain('hdr_treated_as_sdr');
  expect(intersectionOverUnion(await decodeWebmAlpha(output), truth)).toBeGreaterThan(0.9);
  const [colour] = (await probe(output)).streams;
  expect(colour).toMatchObject({ pix_fmt: 'yuv420p', color_space: 'bt709' });
});

test('a clip of one frame is cut out', async () => {
  const clip = join(folder, 'single.mp4');
  await drawClip(SCENES.greenScreen, clip, { frames: 1 });
  expect(await matte(clip, join(folder, 'single.webm'))).toMatchObject({ ok: true, frames: 1 });
});

test('of several sound tracks the first is kept, and that is said', async () => {
  const one = join(folder, 'one-track.mkv');
  await drawClip(SCENES.greenScreen, one, { frames: 10, sound: ['-c:a', 'libopus'] });
  const clip = join(folder, 'two-tracks.mkv');
  const twice = ['-v', 'error', '-i', one, '-map', '0', '-map', '0:a', '-c', 'copy', clip];
  await promisify(execFile)(tools.ffmpegPath, twice, { env: FFMPEG_ENV });
  const output = join(folder, 'first-track.webm');
  expect(await matte(clip, output)).toMatchObject({
    ok: true,
    warnings: ['only_first_audio_track_kept'],
  });
  expect((await probe(output)).streams.map((stream) => stream.codec_name)).toEqual(['vp9', 'opus']);
});

test('a clip that breaks off is cut out as far as it goes', async () => {
  const whole = join(folder, 'whole.mkv');
  await drawClip(SCENES.greenScreen, whole, { frames: 40 });
  const clip = join(folder, 'broken-off.mkv');
  const bytes = await readFile(whole);
  await writeFile(clip, bytes.subarray(0, bytes.length / 2));
  const outcome = await matte(clip, join(folder, 'broken-off.webm'));
  expect(outcome).toMatchObject({ ok: true });
  expect(outcome.ok && outcome.frames).toBeLessThan(40);
});

test.each([
  [9000, 'pictures of 9000×9000 are too large'],
  [30_000, 'no video that ffmpeg can read'],
])(
  'a file that claims to hold pictures of %i pixels a side is refused at once',
  async (side, why) => {
    const clip = join(folder, `giant-${side}.mp4`);
    await writeFile(clip, `YUV4MPEG2 W${side} H${side} F25:1 C420\nFRAME\nnothing`);
    const outcome = await matte(clip, join(folder, 'giant.webm'));
    expect(outcome).toMatchObject({ ok: false, code: 'sandbox_unreadable_input' });
    expect(!outcome.ok && outcome.reason).toContain(why);
  },
);

test.each([
  ['BT.601', 'null', ['-pix_fmt', 'yuv420p']],
  [
    'BT.709',
    'scale=out_color_matrix=bt709',
    ['-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_range', 'tv'],
  ],
  ['full range', 'null', ['-pix_fmt', 'yuvj420p']],
])('colours of a %s clip come out as they were', async (name, filters, tags) => {
  const clip = join(folder, `${name}.mp4`);
  await drawClip(SCENES.greenScreen, clip, {
    ...{ frames: 6, filters },
    encoding: ['-c:v', 'libx264', '-crf', '14', ...tags],
  });
  const output = join(folder, `${name}.zip`);
  expect(await matte(clip, output, { format: 'png_sequence' })).toMatchObject({ ok: true });
  const [first] = await readStoredZip(output);
  const picture = join(folder, 'first.png');
  await writeFile(picture, first!.bytes);
  const rgb = await decode(picture, 'rgb24');
  const shirt = 3 * (135 * 320 + 160);
  for (const [channel, level] of [190, 60, 60].entries()) {
    expect(Math.abs(rgb[shirt + channel]! - level), `channel ${channel}`).toBeLessThanOrEqual(4);
  }
});

test('sound that begins with the picture still begins with it', async () => {
  const clip = join(folder, 'transport.ts');
  await drawClip(SCENES.greenScreen, clip, { sound: ['-c:a', 'aac'] });
  const output = join(folder, 'transport.mov');
  expect(await matte(clip, output, { format: 'mov' })).toMatchObject({ ok: true });
  const { streams, durationSeconds } = await probe(output);
  expect(streams.map((stream) => stream.codec_name)).toEqual(['prores', 'aac']);
  expect(durationSeconds).toBeCloseTo(1.5, 1);
});
