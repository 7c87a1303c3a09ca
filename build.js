import { build } from 'esbuild';

/** Bundles the program and the worker threads of the local engine into `dist`. */
const options = {
  outdir: 'dist',
  outbase: 'src',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'chunks/[name]-[hash]',
  external: ['libsql', '@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe'],
  define: {
    'process.env.FLUENTFFMPEG_COV': 'undefined',
    __dirname: 'import.meta.dirname',
  },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

const main = 'src/cli/main.ts';
// A chunk is made of what the same commands need. As if each command needed all that the start does,
// which is loaded by then anyway: so the start is one file instead of fifteen.
await build({ ...options, entryPoints: [main], inject: [main] });
await build({ ...options, entryPoints: ['src/matting/worker.ts', 'src/matting/frameWorker.ts'] });
