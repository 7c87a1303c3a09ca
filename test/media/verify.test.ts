import { createWriteStream } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';

import type { OutputFormat } from '../../src/core/model.ts';
import { EXTENSIONS, OUTPUT_FORMATS } from '../../src/core/model.ts';
import type { VerifyExpectation } from '../../src/media/verify.ts';
import { verifyOutput } from '../../src/media/verify.ts';
import { cut, DISC, ffmpeg, H264, picture, tone, tools, VP9, withAlpha } from './makeMedia.ts';

let folder: string;
const at = (name: string) => join(folder, name);

/** The name of the good output of a format. */
const good = (format: OutputFormat) => at(`good${EXTENSIONS[format]}`);

const PRORES = ['-c:v', 'prores_ks', '-profile:v', '4444', '-alpha_bits', '8'] as const;
const WEBM = [...VP9, '-auto-alt-ref', '0'] as const;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-verify-'));
  await ffmpeg(...withAlpha(DISC, 'yuva420p'), ...WEBM, good('webm'));
  await ffmpeg(...withAlpha(DISC, 'yuva444p10le'), ...PRORES, good('mov'));
  await ffmpeg(...picture(1), ...tone(1), ...H264, '-c:a', 'aac', good('mp4'));
  await ffmpeg(...withAlpha(DISC, 'yuva420p'), '-c:v', 'libwebp_anim', good('webp'));
  await ffmpeg(...withAlpha(DISC, 'rgba'), at('frame_%06d.png'));
  await zip(good('png_sequence'), 25);
  const palette = 'split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse';
  const graph = `[1]format=gray,geq=lum='${DISC}'[m];[0][m]alphamerge,fps=15,${palette}`;
  const blank = ['-f', 'lavfi', '-i', 'color=black:size=128x72:rate=25:duration=1'];
  await ffmpeg(...picture(1), ...blank, '-filter_complex', graph, good('gif'));
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function zip(path: string, count: number, extra?: (archive: ZipFile) => void): Promise<void> {
  const archive = new ZipFile();
  for (let number = 1; number <= count; number++) {
    const name = `frame_${String(number).padStart(6, '0')}.png`;
    archive.addFile(at(name), name, { compress: false });
  }
  extra?.(archive);
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(path));
}

function verify(path: string, format: OutputFormat, wish: Partial<VerifyExpectation> = {}) {
  const transparent = format !== 'mp4';
  const usual = { format, durationUs: 1_000_000, framesPerSecond: 25, transparent, audio: false };
  return verifyOutput(path, { ...usual, ...wish }, tools);
}

describe.each(OUTPUT_FORMATS)('%s', (format) => {
  it('passes when it is whole', async () => {
    const result = await verify(good(format), format);
    expect(result).toMatchObject({ ok: true, width: 128, height: 72 });
  });

  it('fails when it was broken off', async () => {
    await cut(good(format), at('cut'), 0.6);
    expect(await verify(at('cut'), format)).toMatchObject({ ok: false, code: 'undecodable' });
  });

  it('fails when it is much shorter or longer than the input', async () => {
    for (const durationUs of [1_800_000, 500_000]) {
      expect(await verify(good(format), format, { durationUs })).toMatchObject({
        ok: false,
        code: 'wrong_duration',
      });
    }
  });

  it('fails when it is another kind of file, or empty', async () => {
    const other = format === 'webm' ? 'mov' : 'webm';
    expect(await verify(good(other), format)).toMatchObject({ code: 'wrong_container' });
    await writeFile(at('empty'), '');
    expect(await verify(at('empty'), format)).toMatchObject({ code: 'empty_output' });
    await writeFile(at('html'), '<html>expired</html>');
    expect(await verify(at('html'), format)).toMatchObject({ code: 'wrong_container' });
  });
});

describe('transparency', () => {
  it.each([
    ['all opaque', '255', 'all_opaque'],
    ['nearly opaque all over', '230', 'all_opaque'],
    ['all clear', '0', 'all_clear'],
    ['nearly clear all over', '30', 'all_clear'],
  ])('webm and mov that are %s fail', async (_, luma, code) => {
    await ffmpeg(...withAlpha(luma, 'yuva420p'), ...WEBM, at('plain.webm'));
    await ffmpeg(...withAlpha(luma, 'yuva444p10le'), ...PRORES, at('plain.mov'));
    expect(await verify(at('plain.webm'), 'webm')).toMatchObject({ ok: false, code });
    expect(await verify(at('plain.mov'), 'mov')).toMatchObject({ ok: false, code });
  });

  it('a webm without an alpha plane fails when transparency was asked, passes otherwise', async () => {
    await ffmpeg(...picture(1), ...VP9, at('opaque.webm'));
    expect(await verify(at('opaque.webm'), 'webm')).toMatchObject({ code: 'all_opaque' });
    expect(await verify(at('opaque.webm'), 'webm', { transparent: false })).toMatchObject({
      ok: true,
    });
  });

  it('opaque gif, webp and png sequences fail', async () => {
    await ffmpeg(...picture(1), at('opaque.gif'));
    await ffmpeg(...picture(1), '-c:v', 'libwebp_anim', at('opaque.webp'));
    await ffmpeg(...picture(1), at('frame_%06d.png'));
    await zip(at('opaque.zip'), 25);
    expect(await verify(at('opaque.gif'), 'gif')).toMatchObject({ code: 'all_opaque' });
    expect(await verify(at('opaque.webp'), 'webp')).toMatchObject({ code: 'all_opaque' });
    expect(await verify(at('opaque.zip'), 'png_sequence')).toMatchObject({ code: 'all_opaque' });
  });
});

describe('the rest of it', () => {
  it.each(OUTPUT_FORMATS)('a %s may have any name', async (format) => {
    const path = at(`-o %03d 'é' $(x):y\n;[0]${EXTENSIONS[format]}`);
    await cp(good(format), path);
    expect(await verify(path, format)).toMatchObject({ ok: true });
  });

  it('a difference of one frame passes, of three fails', async () => {
    expect(await verify(good('mp4'), 'mp4', { durationUs: 1_040_000 })).toMatchObject({ ok: true });
    expect(await verify(good('mp4'), 'mp4', { durationUs: 1_120_000 })).toMatchObject({
      code: 'wrong_duration',
    });
  });

  it('sound that goes on does not stand in for a picture that stops', async () => {
    await ffmpeg(...picture(1), ...tone(3), ...H264, '-c:a', 'aac', at('stops.mp4'));
    expect(await verify(at('stops.mp4'), 'mp4', { durationUs: 3_000_000 })).toMatchObject({
      code: 'wrong_duration',
    });
  });

  it('sound must be there when the input had it', async () => {
    expect(await verify(good('mp4'), 'mp4', { audio: true })).toMatchObject({ ok: true });
    expect(await verify(good('webm'), 'webm', { audio: true })).toMatchObject({
      code: 'audio_missing',
    });
    expect(await verify(good('gif'), 'gif', { audio: true })).toMatchObject({ ok: true });
  });

  it.each(['mp4', 'mov'] as const)('damage in the middle of a %s is found', async (format) => {
    const bytes = await readFile(good(format));
    const middle = bytes.indexOf('mdat', 0, 'latin1') + 4 + Math.floor(bytes.length * 0.2);
    await writeFile(at('damaged'), bytes.fill(0xff, middle, middle + 600));
    expect(await verify(at('damaged'), format)).toMatchObject({ code: 'undecodable' });
  });

  it('a damaged picture in an animation or a sequence is found', async () => {
    for (const format of ['webp', 'png_sequence'] as const) {
      const bytes = await readFile(good(format));
      const middle = Math.floor(bytes.length * 0.4);
      await writeFile(at('damaged'), bytes.fill(0xaa, middle, middle + 300));
      expect(await verify(at('damaged'), format)).toMatchObject({ code: 'undecodable' });
    }
  });

  it('an archive that would write outside, or holds a link, is refused', async () => {
    const link = (archive: ZipFile) => {
      archive.addBuffer(Buffer.from('/etc/passwd'), 'link.png', { mode: 0o120777 });
    };
    await zip(at('link.zip'), 25, link);
    expect(await verify(at('link.zip'), 'png_sequence')).toMatchObject({
      reason: 'the output does not decode: the archive holds a link or a device',
    });
    const text = (await readFile(good('png_sequence'))).toString('latin1');
    const outside = text.replaceAll('frame_000003.png', '../me_000003.png');
    await writeFile(at('outside.zip'), outside, 'latin1');
    expect(await verify(at('outside.zip'), 'png_sequence')).toMatchObject({ code: 'undecodable' });
    const twice = text.replaceAll('frame_000003.png', 'frame_000004.png');
    await writeFile(at('twice.zip'), twice, 'latin1');
    expect(await verify(at('twice.zip'), 'png_sequence')).toMatchObject({
      reason: 'the output does not decode: the archive holds a name twice',
    });
  });

  it('a zip bomb is refused before it is unpacked', async () => {
    const bomb = (archive: ZipFile) => {
      archive.addBuffer(Buffer.alloc(100_000_000), 'zeros.bin');
    };
    await zip(at('bomb.zip'), 1, bomb);
    expect(await verify(at('bomb.zip'), 'png_sequence')).toMatchObject({
      reason: 'the output does not decode: the archive is far larger unpacked than it looks',
    });
  });
});
