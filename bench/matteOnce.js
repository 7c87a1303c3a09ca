// One matting job in a process of its own, so that its memory is its own: `request`, as JSON. Plain
// JavaScript on the built engine, as in an installed rbgv: what compiles TypeScript would be measured too.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

const request = JSON.parse(process.argv[2] ?? '');
const begun = performance.now();
const worker = new Worker(new URL('../dist/matting/worker.js', import.meta.url), {
  workerData: { request, threads: availableParallelism() },
});
worker.on('message', (report) => {
  if (report.type !== 'outcome') return;
  const seconds = (performance.now() - begun) / 1000;
  console.log(JSON.stringify({ outcome: report.outcome, seconds }));
});
