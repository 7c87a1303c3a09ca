/** One matting job in a process of its own, so that its memory is its own: `input output`. */
import { readEnvironment } from '../src/config/environment.ts';
import { matteClip } from '../src/matting/matteClip.ts';
import { locateTools } from '../src/media/locateTools.ts';

const [inputPath = '', outputPath = ''] = process.argv.slice(2);
const tools = await locateTools(readEnvironment());
const begun = performance.now();
const outcome = await matteClip(
  {
    ...{ inputPath, outputPath, model: 'original', format: 'webm', tools },
    background: { type: 'transparent' },
  },
  { signal: new AbortController().signal, onProgress: () => undefined },
);
const seconds = (performance.now() - begun) / 1000;
const peakMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ outcome, seconds, peakMb }));
