import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { findIdleEnds } from '../../src/media/idleEnds.ts';
import { createProber } from '../../src/media/probe.ts';
import { ffmpeg, tools } from './makeMedia.ts';

/** What is found in a clip of 640x360 at 25 frames a second, in seconds. */
async function ends(source: string, filter: string): Promise<readonly [number, number]> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-idle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'clip.mp4');
  const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-g', '12'];
  const picture = ['-vf', `${filter},setpts=N/25/TB,format=yuv420p`];
  await ffmpeg('-f', 'lavfi', '-i', `${source}:size=640x360:rate=25`, ...picture, ...coding, path);
  const clip = await createProber(tools)({
    ...{ path, relativePath: 'clip.mp4', sizeBytes: 1, mtimeMs: 0 },
  });
  if (!('media' in clip)) throw new Error(clip.reason);
  const { headUs, tailUs } = await findIdleEnds(path, clip.media, tools);
  return [headUs / 1e6, tailUs / 1e6];
}

/** A picture that stands for two seconds, whatever came of it in coding. */
const held = (frame: number): string => `loop=loop=49:size=1:start=${frame}`;
const black = (from: number, to: number): string =>
  `drawbox=w=iw:h=ih:color=black:t=fill:enable='gte(t,${from})*lt(t,${to})'`;

describe('an end of a clip', () => {
  test.for([
    ['that is frozen is found', held(0), [2, 0]],
    ['that is frozen is found behind the picture too', `reverse,${held(0)},reverse`, [0, 2]],
    ['that is black is found', black(0, 1.2), [1.2, 0]],
    ['that is frozen behind black is found with it', `${black(0, 1.03)},${held(27)}`, [3.04, 0]],
    ['that is black for less than a second is left alone', black(0, 0.96), [0, 0]],
    ['is looked for at both ends', `${held(0)},setpts=N/25/TB,${black(3.95, 5)}`, [2, 1]],
  ] as const)('%s', async ([, filter, found]) => {
    const [head, tail] = await ends('testsrc2=duration=3', filter);
    expect(head).toBeCloseTo(found[0], 2);
    expect(tail).toBeCloseTo(found[1], 2);
  });

  test('with a slow change is not frozen, nor one in which something small moves', async () => {
    const fade = "scale=64:36,geq=lum='90+N/5':cb=128:cr=128";
    expect(await ends('color=gray:duration=3', fade)).toEqual([0, 0]);
    const ball = "drawbox=x='40+80*t':y=160:w=24:h=24:color=white:t=fill";
    expect(await ends('color=gray:duration=3', ball)).toEqual([0, 0]);
  });

  test('is cut from a slide show for one slide, and from nothing but a still not at all', async () => {
    const slides = "scale=64:36,geq=lum='60+50*floor(N/50)':cb=128:cr=128";
    expect(await ends('color=gray:duration=8', slides)).toEqual([2, 2]);
    expect(await ends('color=gray:duration=3', 'null')).toEqual([0, 0]);
  });

  test('is looked at for half a minute in a long clip', async () => {
    const long = "geq=lum='if(lt(N,1000),0,if(gt(N,1600),200,mod(N,200)))':cb=128:cr=128";
    expect(await ends('color=gray:duration=66', `scale=32:18,${long}`)).toEqual([
      30,
      expect.closeTo(1.96, 1),
    ]);
  });
});
