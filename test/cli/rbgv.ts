import { appendFile, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

import { FFMPEG_ENV, type FfmpegTools } from '../../src/core/ffmpegTools.ts';
import { locateTools } from '../../src/media/locateTools.ts';
import { makeSmokeClip } from '../../src/media/makeSmokeClip.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/startSandbox.ts';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'rbgv.js');

/** A folder of a user's own: clips, results, state, settings. */
export interface Home {
  readonly folder: string;
  readonly state: string;
  /** The built program. */
  readonly program: string;
  path(...parts: readonly string[]): string;
  /** Runs the built program there; never throws for an exit code. */
  rbgv(args: readonly string[], options?: RunOptions): ReturnType<typeof start>;
  /** The same for a line of shell, in which `$RBGV` is the program. */
  shell(line: string, options?: RunOptions): ReturnType<typeof start>;
  /** A one-second clip of its own bytes: same picture, different content hash. */
  clip(name: string): Promise<string>;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads from stdin; nothing is there by default. */
  readonly input?: string;
  /** Default: the home's own folder. */
  readonly cwd?: string;
}

function start(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  input: string,
) {
  return execa(program, args, { cwd, env, input, extendEnv: false, reject: false });
}

let number = 0;

export async function createHome(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const path = (...parts: readonly string[]): string => join(folder, ...parts);
  const state = path('state');
  const command = (words: readonly string[], options: RunOptions = {}) =>
    start(
      words,
      options.cwd ?? folder,
      {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        RBGV_STATE_DIR: state,
        RBGV_CONFIG_DIR: path('config'),
        RBGV: `node ${BIN}`,
        ...env,
        ...options.env,
      },
      options.input ?? '',
    );
  return {
    folder,
    state,
    program: BIN,
    path,
    rbgv: (args, options) => command(['node', BIN, ...args], options),
    shell: (line, options) => command(['bash', '-c', line], options),
    async clip(name) {
      const target = path(name);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(await oneSecondClip(), target);
      number += 1;
      // A `free` box at the end: players skip it, the bytes differ.
      const box = Buffer.alloc(16);
      box.writeUInt32BE(16, 0);
      box.write('free', 4, 'latin1');
      box.writeUInt32BE(number, 8);
      box.writeUInt32BE(process.pid, 12);
      await appendFile(target, box);
      return target;
    },
  };
}

export function tools(): Promise<FfmpegTools> {
  return locateTools({ searchPath: process.env['PATH'] ?? '' });
}

let made: Promise<string> | undefined;

function oneSecondClip(): Promise<string> {
  return (made ??= (async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'rbgv-media-')), 'clip.mp4');
    await makeSmokeClip(path, await tools());
    return path;
  })());
}

let matted: Promise<string> | undefined;

/** What a service would return for the one-second clip: webm with a real alpha plane and sound. */
function mattedClip(): Promise<string> {
  return (matted ??= (async () => {
    const source = await oneSecondClip();
    const path = join(dirname(source), 'matted.webm');
    const { ffmpegPath } = await tools();
    const filter =
      'format=yuva420p,geq=lum=lum(X\\,Y):cb=cb(X\\,Y):cr=cr(X\\,Y):a=if(gt(X\\,W/2)\\,255\\,0)';
    const video = [
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-auto-alt-ref',
      '0',
    ];
    await execa(
      ffmpegPath,
      [
        '-nostdin',
        '-v',
        'error',
        '-y',
        '-i',
        source,
        '-vf',
        filter,
        ...video,
        '-c:a',
        'libopus',
        path,
      ],
      { env: FFMPEG_ENV },
    );
    return path;
  })());
}

/** What a service does with the one-second clip. */
export const matteOneSecond: NonNullable<SandboxOptions['work']> = async ({ outputPath }) => {
  await copyFile(await mattedClip(), `${outputPath}.tmp`);
  await copyFile(`${outputPath}.tmp`, outputPath);
  return { ok: true, durationSeconds: 1 };
};

/** A service in this process whose jobs are done at once, for the built program to talk to. */
export async function serve(
  options: Partial<SandboxOptions> & { readonly home: Home },
): Promise<Sandbox> {
  const { home, ...rest } = options;
  const sandbox = await startSandbox({
    dataDir: home.path('server'),
    keys: ['test-secret-key-42'],
    probeDurationSeconds: () => Promise.resolve(1),
    work: matteOneSecond,
    ...rest,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** The environment in which the built program takes a local server for the service. */
export const asService = (
  sandbox: Sandbox,
  key = 'test-secret-key-42',
): Readonly<Record<string, string>> => ({
  RBGV_BASE_URL: sandbox.url,
  REMOVEBGVIDEO_API_KEY: key,
});
