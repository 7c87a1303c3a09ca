import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MediaInfo, RejectedClip } from '../../src/core/clip.ts';
import { createProber } from '../../src/media/probe.ts';
import { cut, ffmpeg, H264, picture, tone, tools, VP9 } from './makeMedia.ts';

let folder: string;
const probe = createProber(tools);

const at = (name: string) => join(folder, name);

async function look(name: string): Promise<MediaInfo | RejectedClip> {
  const clip = { path: at(name), relativePath: name, sizeBytes: 1, mtimeMs: 0 };
  const result = await probe(clip);
  if ('code' in result) return result;
  expect(result).toMatchObject(clip);
  return result.media;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-probe-'));
  const sound = ['-c:a', 'aac', '-ar', '48000'] as const;
  await ffmpeg(...picture(1), ...tone(1), ...H264, '-movflags', 'faststart', ...sound, at('a.mp4'));
  await ffmpeg(...picture(1), ...VP9, at('a.webm'));
}, 30_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('what a clip is', () => {
  it('reads mp4, mov and webm from their headers', async () => {
    await ffmpeg('-i', at('a.mp4'), '-c', 'copy', at('a.mov'));
    const expected = {
      durationUs: 1_000_000,
      width: 128,
      height: 72,
      framesPerSecond: 25,
      hasAudio: true,
      videoCodec: 'h264',
      readBy: 'header',
    };
    expect(await look('a.mp4')).toEqual(expected);
    expect(await look('a.mov')).toEqual(expected);
    expect(await look('a.webm')).toEqual({ ...expected, hasAudio: false, videoCodec: 'vp9' });
  });

  it('tells clips apart that are looked into at the same time', async () => {
    const names = Array.from({ length: 60 }, (_, number) =>
      number % 3 === 0 ? 'a.webm' : 'a.mp4',
    );
    const found = await Promise.all(names.map(look));
    const codecs = found.map((media) => 'videoCodec' in media && media.videoCodec);
    expect(codecs).toEqual(names.map((name) => (name === 'a.webm' ? 'vp9' : 'h264')));
  });

  it('reads avi with ffprobe', async () => {
    await ffmpeg(...picture(2), ...tone(2), '-c:v', 'mjpeg', '-c:a', 'pcm_s16le', at('a.avi'));
    expect(await look('a.avi')).toMatchObject({
      durationUs: 2_000_000,
      width: 128,
      framesPerSecond: 25,
      hasAudio: true,
      readBy: 'ffprobe',
    });
  });

  it('gives width and height as displayed when the camera was turned', async () => {
    await ffmpeg('-i', at('a.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', at('turned.mp4'));
    expect(await look('turned.mp4')).toMatchObject({ width: 72, height: 128, readBy: 'header' });
  });

  it('turns width and height also where ffprobe answers', async () => {
    const fragmented = ['-movflags', 'frag_keyframe+empty_moov'];
    const turned = ['-c', 'copy', '-metadata:s:v', 'rotate=270'];
    await ffmpeg('-i', at('a.mp4'), ...turned, ...fragmented, at('fragments.mp4'));
    expect(await look('fragments.mp4')).toMatchObject({
      width: 72,
      height: 128,
      readBy: 'ffprobe',
    });
  });

  it('counts how long the picture runs, not the sound', async () => {
    await ffmpeg(...picture(1), ...tone(3), ...H264, '-c:a', 'aac', at('song.mp4'));
    expect(await look('song.mp4')).toMatchObject({ durationUs: 1_000_000, hasAudio: true });
  });

  it('counts what an edit list leaves to be seen', async () => {
    await ffmpeg(...picture(4), ...H264, '-g', '50', at('four.mp4'));
    await ffmpeg('-ss', '1.4', '-i', at('four.mp4'), '-c', 'copy', at('trimmed.mp4'));
    expect(await look('trimmed.mp4')).toMatchObject({ durationUs: 2_600_000 });
  });

  it('finds the duration of a live recording whose header has none', async () => {
    await ffmpeg(...picture(2), ...VP9, '-f', 'webm', '-live', '1', at('live.webm'));
    const media = await look('live.webm');
    expect(media).toMatchObject({ readBy: 'ffprobe', videoCodec: 'vp9' });
    expect(Math.abs((media as MediaInfo).durationUs - 2_000_000)).toBeLessThanOrEqual(40_000);
  });

  it('reads five hundred clips in seconds', { timeout: 20_000 }, async () => {
    const names = Array.from({ length: 500 }, (_, index) => `copy-${index}.mp4`);
    await Promise.all(names.map((name) => cp(at('a.mp4'), at(name))));
    const begin = performance.now();
    for (const name of names) expect(await look(name)).toMatchObject({ readBy: 'header' });
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('what is rejected', () => {
  async function rejection(name: string): Promise<RejectedClip> {
    const result = await look(name);
    if (!('code' in result)) throw new Error(`accepted ${JSON.stringify(result)}`);
    expect(result).toMatchObject({ path: at(name), relativePath: name });
    return result;
  }

  it.each([
    'hello\n',
    'a',
    '',
    '#EXTM3U\n#EXTINF:9,\na.mp4\n',
    'ffconcat version 1.0\nfile a.mp4\n',
  ])('a text file named .mp4 is unreadable: %j', async (text) => {
    await writeFile(at('text.mp4'), text);
    expect((await rejection('text.mp4')).code).toBe('unreadable');
  });

  it('a clip whose copy was broken off is unreadable, though its header is whole', async () => {
    await cut(at('a.mp4'), at('cut.mp4'), 0.7);
    await cut(at('a.webm'), at('cut.webm'), 0.7);
    for (const name of ['cut.mp4', 'cut.webm']) {
      expect(await rejection(name)).toMatchObject({
        code: 'unreadable',
        reason: 'the file ends before its data does, as after a copy that was broken off',
      });
    }
  });

  it('sound alone, or sound with a cover, is no video', async () => {
    await ffmpeg(...tone(1), '-c:a', 'aac', at('sound.mp4'));
    await ffmpeg(...tone(1), '-f', 'mp3', at('mp3.mp4'));
    await ffmpeg(...picture(1), '-frames:v', '1', at('cover.jpg'));
    const both = ['-i', at('sound.mp4'), '-i', at('cover.jpg'), '-map', '0', '-map', '1'];
    await ffmpeg(...both, '-c', 'copy', '-disposition:v:0', 'attached_pic', at('cover.mp4'));
    await cp(at('cover.jpg'), at('picture.mp4'));
    for (const name of ['sound.mp4', 'mp3.mp4', 'cover.mp4', 'picture.mp4']) {
      expect((await rejection(name)).code).toBe('no_video_stream');
    }
  });

  it('a container that hides behind another name comes with the command that converts it', async () => {
    await ffmpeg('-i', at('a.mp4'), '-c', 'copy', '-f', 'mpegts', at("it's ts.mp4"));
    await ffmpeg('-i', at('a.mp4'), '-c', 'copy', '-f', 'matroska', at('mkv.webm'));
    expect(await rejection("it's ts.mp4")).toMatchObject({
      code: 'unsupported_type',
      fix: String.raw`convert it: ffmpeg -i '${folder}/it'\''s ts.mp4' -c:v copy -c:a aac -sn '${folder}/it'\''s ts.converted.mp4'`,
    });
    expect((await rejection('mkv.webm')).code).toBe('unsupported_type');
  });

  it('an accepted container under another accepted name only wants renaming', async () => {
    await cp(at('a.webm'), at('really-webm.mp4'));
    const from = at('really-webm.mp4');
    expect(await rejection('really-webm.mp4')).toMatchObject({
      code: 'unsupported_type',
      fix: `rename it: mv -n ${from} ${at('really-webm.webm')}`,
    });
  });

  it('a file that is gone is an answer, not an exception', async () => {
    expect((await rejection('gone.mp4')).reason).toBe('the file is gone');
  });
});
