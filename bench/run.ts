import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { readEnvironment } from '../src/config/environment.ts';
import { locateTools } from '../src/media/locateTools.ts';
import { benchEstimate } from './estimate.ts';
import { markdown, type Row } from './measure.ts';
import { benchPolling } from './polling.ts';
import { benchReport } from './report.ts';
import { benchSandbox } from './sandbox.ts';
import { benchStartup } from './startup.ts';
import { benchTraffic } from './traffic.ts';
import { benchUpload } from './upload.ts';

/** Runs every benchmark and writes `bench/RESULTS.md`. */
const folder = await mkdtemp(join(tmpdir(), 'rbgv-bench-'));
try {
  const tools = await locateTools(readEnvironment());
  const rows: readonly Row[] = [
    ...(await benchStartup()),
    ...(await benchEstimate(folder, tools)),
    ...(await benchUpload(folder)),
    ...(await benchPolling()),
    ...(await benchSandbox(folder)),
    ...(await benchReport(folder, tools)),
    ...(await benchTraffic()),
  ];
  const where = `${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
  const text = `# Benchmarks\n\nWritten by \`npm run bench\`; both sides of each ratio are measured in the same run.\n${where}.\n\n${markdown(rows)}\n`;
  await writeFile(join(import.meta.dirname, 'RESULTS.md'), text);
  console.log(text);
} finally {
  await rm(folder, { recursive: true, force: true });
}
