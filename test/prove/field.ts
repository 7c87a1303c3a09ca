import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';

import { systemClock } from '../../src/core/clock.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/startSandbox.ts';
import type { Work } from '../../src/sandbox/work.ts';
import type { ClientOrder, ClientReport } from './order.ts';

export type Client = 'rbgv' | 'one-step';

/** What the server's own ledger and the files say after the last run. */
export interface Verdict {
  readonly clips: number;
  /** Calls that the server saw, struck by faults or not. */
  readonly requests: number;
  readonly charges: number;
  /** Charges beyond the first, over all clips. */
  readonly doubleCharges: number;
  /** Clips without an output at the end. */
  readonly lost: number;
  /** Outputs whose bytes are not those of the server, and whatever else lies in a results folder. */
  readonly corrupt: number;
}

/** A server that charges every start, folders of clips, and a client in a process of its own. */
export interface Field {
  readonly sandbox: Sandbox;
  /** Makes a folder of so many clips, each of its own bytes, and returns its path. */
  folder(clips: number): Promise<string>;
  /** Starts the client; it may be killed. Never throws for how it ends. */
  start(order: Order): ReturnType<typeof startClient>;
  /** Runs the client to its end. @throws Error when it breaks */
  run(order: Order): Promise<ClientReport>;
  /** Calls so far that may create or cost something. */
  posts(): number;
  judge(): Promise<Verdict>;
  /** Clips of a folder that have an output. */
  finished(folder: string): Promise<number>;
  close(): Promise<void>;
}

export type Order = Omit<ClientOrder, 'baseUrl' | 'apiKey'>;

const KEY = 'prove-key-0123456789';

/** Each job's output is its own, so that an output of the wrong clip is seen. */
const work: Work = async ({ jobId, outputPath }, { signal }) => {
  await systemClock.sleep(20, signal);
  await writeFile(`${outputPath}.part`, `output of ${jobId} `.repeat(50));
  await rename(`${outputPath}.part`, outputPath);
  return { ok: true, durationSeconds: 1 };
};

/** Opens a field for one kind of client; the caller closes it. */
export async function openField(
  client: Client,
  options: Partial<SandboxOptions> = {},
): Promise<Field> {
  const root = await mkdtemp(join(tmpdir(), 'rbgv-prove-'));
  const program = await bundleClient(client);
  const sandbox = await startSandbox({
    dataDir: join(root, 'server'),
    keys: [KEY],
    work,
    workers: 64,
    probeDurationSeconds: () => Promise.resolve(1),
    behaviour: { secondStart: 'charged_again', echoMetadata: true },
    ...options,
  });
  const folders: string[] = [];
  let clips = 0;
  const start = (order: Order): ReturnType<typeof startClient> =>
    startClient(program, { ...order, baseUrl: sandbox.url, apiKey: KEY });
  return {
    sandbox,
    async folder(count) {
      const folder = join(root, `folder-${folders.length}`);
      folders.push(folder);
      clips += count;
      await mkdir(join(folder, 'clips'), { recursive: true });
      for (let clip = 0; clip < count; clip += 1) {
        const name = `clip-${String(clip).padStart(5, '0')}.mp4`;
        await writeFile(join(folder, 'clips', name), `clip ${clip} ${randomUUID()}`);
      }
      return folder;
    },
    start,
    async run(order) {
      const { exitCode, stdout, stderr } = await start(order);
      if (exitCode !== 0) throw new Error(`the client broke: ${stderr}`);
      return JSON.parse(stdout) as ClientReport;
    },
    posts: () => {
      const { uploads, create, start: starts } = sandbox.requests();
      return uploads + create + starts;
    },
    judge: () => judge(sandbox, join(root, 'server', 'outputs'), folders, clips),
    finished: async (folder) => (await results(folder)).filter(isOutput).length,
    async close() {
      await sandbox.close();
      await rm(program, { force: true });
      await rm(root, { recursive: true, force: true });
    },
  };
}

function startClient(program: string, order: ClientOrder) {
  return execa('node', [program, JSON.stringify(order)], { reject: false });
}

/** One file, so that each of many processes starts quickly. */
async function bundleClient(client: Client): Promise<string> {
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

const isOutput = (name: string): boolean => name.endsWith('.webm') && !name.startsWith('.');

function results(folder: string): Promise<readonly string[]> {
  return readdir(join(folder, 'results')).catch(() => []);
}

async function judge(
  sandbox: Sandbox,
  served: string,
  folders: readonly string[],
  clips: number,
): Promise<Verdict> {
  // Before the judge asks questions of its own.
  const requests = Object.values(sandbox.requests()).reduce((sum, count) => sum + count, 0);
  const charged = sandbox.charges().filter(({ reason }) => reason !== 'refund');
  const perClip = new Map<string, number>();
  for (const { job_id: id } of charged) {
    const clip = await clipOfJob(sandbox, id);
    perClip.set(clip, (perClip.get(clip) ?? 0) + 1);
  }
  const unclaimed = new Set<string>();
  for (const id of new Set(charged.map((charge) => charge.job_id))) {
    unclaimed.add(await readFile(join(served, `${id}.webm`), 'latin1').catch(() => ''));
  }
  let delivered = 0;
  let corrupt = 0;
  for (const folder of folders) {
    for (const name of await results(folder)) {
      if (isOutput(name)) delivered += 1;
      // A job's output belongs to one clip: a second file of the same bytes is a mistake too.
      if (!unclaimed.delete(await readFile(join(folder, 'results', name), 'latin1'))) corrupt += 1;
    }
  }
  return {
    clips,
    requests,
    charges: charged.length,
    doubleCharges: [...perClip.values()].reduce((sum, count) => sum + count - 1, 0),
    lost: clips - delivered,
    corrupt,
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
