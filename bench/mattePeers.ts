import { execa } from 'execa';

import type { SceneName } from '../fixtures/scenes.ts';
import { FFMPEG_ENV, type FfmpegTools } from '../src/core/ffmpegTools.ts';

const KEYERS = (color: string): string[] =>
  ['0.05:0.05', '0.1:0.06', '0.15:0.08'].map(
    (reach) => `format=yuva420p,chromakey=${color}:${reach},alphaextract`,
  );
/** The difference of a picture (`a`) to a plate, as opacity: from so many levels on, so steeply. */
const DIFFERENCE = (smooth: string, from: number, steep: number): string =>
  '[a][plate]blend=all_mode=difference:shortest=1,format=gray,' +
  `${smooth},lut=y='clip((val-${from})*${steep},0,255)'`;
const FIRST_FRAME =
  'format=gbrp,split[a][b];[b]trim=end_frame=1,loop=-1:1:0[plate];' +
  DIFFERENCE('boxblur=1', 8, 16);
/** The plate is the median of the first 29 pictures of six a second: of a clip of five seconds. */
const MEDIANS = [
  [1, 4, 32],
  [2, 4, 32],
  [2, 6, 24],
].map(
  ([radius = 1, from = 0, steep = 1]) =>
    'format=gbrp,split[a][b];[b]fps=6,tmedian=radius=14,trim=end_frame=1,loop=-1:1:0[plate];' +
    DIFFERENCE(`median=radius=${radius}`, from, steep),
);

/**
 * What ffmpeg alone makes of a scene: filters from picture to opacity, the best of which counts.
 * `tmedian` came with ffmpeg 4.3 and is left out where there is none.
 */
export async function mattePeers({
  ffmpegPath,
}: FfmpegTools): Promise<Readonly<Record<SceneName, readonly string[]>>> {
  const { stdout } = await execa(ffmpegPath, ['-v', 'error', '-filters'], { env: FFMPEG_ENV });
  const hasMedian = /\btmedian\b/.test(stdout);
  return {
    greenScreen: KEYERS('0x34a854'),
    greenHard: KEYERS('0x247a3c'),
    walker: hasMedian ? [FIRST_FRAME, ...MEDIANS] : [FIRST_FRAME],
    talkingHead: [FIRST_FRAME],
    wall: [FIRST_FRAME],
    handheld: [FIRST_FRAME],
  };
}
