import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { execa } from 'execa';

import { seededRandom } from '../../src/sandbox/faults/seededRandom.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { simulatedWork } from '../../src/sandbox/simulatedWork.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/startSandbox.ts';

export interface KillOptions {
  readonly client: 'rbgv' | 'one-step';
  readonly clips: number;
  readonly kills: number;
  /** Share of the API's answers that are faulty, 0..1. */
  readonly faultShare: number;
  readonly seed: number;
  /** How many times faster the client's clock runs. */
  readonly clockScale: number;
}

/** What the server's own ledger and the files say after the last run. */
export interface Verdict {
  readonly clips: number;
  readonly kills: number;
  readonly requests: number;
  readonly charges: number;
  /** Charges beyond the first, over all clips. */
  readonly doubleCharges: number;
  /** Clips without an output at the end. */
  readonly lost: number;
  /** Outputs whose bytes are not those of the server. */
  readonly corrupt: number;
  readonly seconds: number;
}

const KEY = 'prove-key-0123456789';
/** A start may be carried out so long after its connection ended; well within the quiet time. */
const LATE_MS = 200;

/** Bad weather on every door, so that together the given share of the calls is struck. */
function weather(share: number): readonly Fault[] {
  const kinds = (endpoint: 'uploads' | 'create' | 'start' | 'get'): readonly Fault[] => {
    const probability = share / 6;
    return [
      { endpoint, probability, kind: 'drop_before' },
      { endpoint, probability, kind: 'drop_after' },
      { endpoint, probability, kind: 'status', status: 500 },
      { endpoint, probability, kind: 'status', status: 500, when: 'after' },
      { endpoint, probability, kind: 'html_502', when: 'after' },
      { endpoint, probability, kind: 'truncated_json' },
    ];
  };
  return [
    ...kinds('uploads'),
    ...kinds('create'),
    { endpoint: 'start', probability: share / 6, kind: 'execute_late', ms: LATE_MS },
    ...kinds('start'),
    ...kinds('get'),
    { endpoint: 'output', probability: share / 2, kind: 'cut_body_at', bytes: 20 },
    { endpoint: 'output', probability: share / 2, kind: 'status', status: 503 },
  ];
}

/**
 * Lets a client work a folder of clips against a sandbox that charges every start, under bad
 * weather, killing it again and again; then lets it finish, and judges by the server's ledger.
 */
export async function proveKills(options: KillOptions): Promise<Verdict> {
  const begun = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-prove-'));
  const sandbox = await startSandbox({
    dataDir: join(folder, 'server'),
    keys: [KEY],
    work: simulatedWork({ service: { type: 'fixed', seconds: 0.02 }, seed: options.seed }),
    workers: 64,
    probeDurationSeconds: () => Promise.resolve(1),
    behaviour: { secondStart: 'charged_again', echoMetadata: true },
    faults: weather(options.faultShare),
    seed: options.seed,
  });
  let program = '';
  try {
    await mkdir(join(folder, 'clips'));
    for (let clip = 0; clip < options.clips; clip += 1) {
      const name = `clip-${String(clip).padStart(5, '0')}.mp4`;
      await writeFile(join(folder, 'clips', name), `clip ${clip} ${randomUUID()}`);
    }
    program = await bundleClient(options.client);
    const start = () =>
      execa('node', [program, sandbox.url, KEY, folder, String(options.clockScale)], {
        reject: false,
      });
    let kills = 0;
    while (kills < options.kills) {
      const child = start();
      const ended = child.then(() => true);
      // Long enough to get going, short enough to die in the middle of something.
      const survived = await Promise.race([
        ended,
        delay(250 + seededRandom(options.seed, kills) * 500).then(() => false),
      ]);
      if (survived) {
        const { exitCode, stderr } = await child;
        if (exitCode !== 0) throw new Error(`the client broke: ${stderr}`);
        break;
      }
      child.kill('SIGKILL');
      await child;
      kills += 1;
    }
    // Nothing may be left pending for ever: a few undisturbed runs must finish everything.
    for (let run = 0; run < 6 && (await outputs(folder)).length < options.clips; run += 1) {
      await start();
    }
    return await judge(options, kills, folder, sandbox, begun);
  } finally {
    await sandbox.close();
    await rm(program, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** One file, so that each of many processes starts quickly. */
async function bundleClient(client: KillOptions['client']): Promise<string> {
  const source = client === 'rbgv' ? 'rbgvClient.ts' : 'oneStepClient.ts';
  const outfile = join(import.meta.dirname, '..', '..', 'dist', `prove-${randomUUID()}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, source)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['libsql', 'fluent-ffmpeg', 'mediabunny'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

async function outputs(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'results')).catch(() => []);
  return names.filter((name) => name.endsWith('.webm') && !name.startsWith('.'));
}

async function judge(
  options: KillOptions,
  kills: number,
  folder: string,
  sandbox: Sandbox,
  begun: number,
): Promise<Verdict> {
  const charges = sandbox.charges().filter(({ reason }) => reason !== 'refund');
  const perClip = new Map<string, number>();
  const jobs = new Map<string, string>();
  for (const { job_id: id } of charges) {
    const clip = await clipOfJob(sandbox, id);
    jobs.set(id, clip);
    perClip.set(clip, (perClip.get(clip) ?? 0) + 1);
  }
  const served = new Set<string>();
  for (const id of jobs.keys()) {
    served.add(
      await readFile(join(folder, 'server', 'outputs', `${id}.webm`), 'latin1').catch(() => ''),
    );
  }
  let corrupt = 0;
  const delivered = await outputs(folder);
  for (const name of delivered) {
    if (!served.has(await readFile(join(folder, 'results', name), 'latin1'))) corrupt += 1;
  }
  const requests = Object.values(sandbox.requests()).reduce((sum, count) => sum + count, 0);
  return {
    clips: options.clips,
    kills,
    requests,
    charges: charges.length,
    doubleCharges: [...perClip.values()].reduce((sum, count) => sum + count - 1, 0),
    lost: options.clips - delivered.length,
    corrupt,
    seconds: (performance.now() - begun) / 1000,
  };
}

/** The clip that a job was made for, by what the client wrote into its metadata. */
async function clipOfJob(sandbox: Sandbox, id: string): Promise<string> {
  for (;;) {
    try {
      const response = await fetch(`${sandbox.url}/v1/jobs/${id}`, {
        headers: { 'x-api-key': KEY },
      });
      const { metadata } = (await response.json()) as { metadata: Record<string, string> };
      return metadata['clip'] ?? metadata['rbgv_k'] ?? '';
    } catch {
      // The judge stands in the same bad weather.
    }
  }
}
