import { execa } from 'execa';

import { FFMPEG_ENV, type FfmpegTools } from '../core/ffmpegTools.ts';

/** What rbgv asks of ffmpeg: alpha in WebM and MOV, and the sounds that go with them. */
const NEEDED_ENCODERS = ['libvpx-vp9', 'libopus', 'prores_ks', 'aac', 'libx264', 'gif', 'png'];
const NEEDED_DECODERS = ['libvpx-vp9', 'h264', 'hevc', 'prores'];

/**
 * Asks the tools for their version and for what they can do.
 *
 * @returns the version as ffmpeg spells it, and the codecs that rbgv needs and the build lacks
 * @throws Error when ffmpeg cannot be run
 */
export async function readToolVersion({
  ffmpegPath,
}: FfmpegTools): Promise<{ readonly version: string; readonly missing: readonly string[] }> {
  const ask = async (flag: string): Promise<string> =>
    (await execa(ffmpegPath, ['-hide_banner', flag], { env: FFMPEG_ENV })).stdout;
  const [about, encoders, decoders] = await Promise.all(
    ['-version', '-encoders', '-decoders'].map(ask),
  );
  const lacking = (needed: readonly string[], list = '', kind: string): readonly string[] =>
    needed
      .filter((name) => !new RegExp(`^ \\S+ ${name} `, 'm').test(list))
      .map((name) => `${name} ${kind}`);
  return {
    version: /^ffmpeg version (\S+)/.exec(about ?? '')?.[1] ?? 'unknown',
    missing: [
      ...lacking(NEEDED_ENCODERS, encoders, 'encoder'),
      ...lacking(NEEDED_DECODERS, decoders, 'decoder'),
    ],
  };
}
