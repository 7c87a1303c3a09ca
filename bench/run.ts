import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readEnvironment } from '../src/config/environment.ts';
import { locateTools } from '../src/media/locateTools.ts';
import { benchEstimate } from './estimate.ts';
import { report, type Row } from './measure.ts';
import { benchMakespan } from './makespan.ts';
import { benchPolling } from './polling.ts';
import { benchReport } from './report.ts';
import { benchSandbox } from './sandbox.ts';
import { benchStartup } from './startup.ts';
import { benchTraffic } from './traffic.ts';
import { benchUpload } from './upload.ts';

/** Runs every benchmark and writes the first part of `bench/RESULTS.md`. */
const folder = await mkdtemp(join(tmpdir(), 'rbgv-bench-'));
try {
  const tools = await locateTools(readEnvironment());
  const rows: readonly Row[] = [
    ...(await benchStartup()),
    ...(await benchEstimate(folder, tools)),
    ...(await benchUpload(folder)),
    ...(await benchPolling()),
    ...(await benchMakespan(folder)),
    ...(await benchSandbox(folder)),
    ...(await benchReport(folder, tools)),
    ...(await benchTraffic()),
  ];
  await report('Parts', rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}
