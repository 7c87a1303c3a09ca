/** One matting job in a process of its own, so that its memory is its own: `input output`. */
import { availableParallelism } from 'node:os';

import { readEnvironment } from '../src/config/environment.ts';
import { matteClip } from '../src/matting/matteClip.ts';
import { locateTools } from '../src/media/locateTools.ts';

const [inputPath = '', outputPath = ''] = process.argv.slice(2);
const tools = await locateTools(readEnvironment());
const url = new URL('../dist/matting/frameWorker.js', import.meta.url);
const begun = performance.now();
const outcome = await matteClip(
  {
    ...{ inputPath, outputPath, model: 'original', format: 'webm', tools },
    background: { type: 'transparent' },
  },
  {
    signal: new AbortController().signal,
    onProgress: () => undefined,
    threads: { url, count: availableParallelism() },
  },
);
const seconds = (performance.now() - begun) / 1000;
console.log(JSON.stringify({ outcome, seconds }));
