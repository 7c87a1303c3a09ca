import { link, mkdtemp, open, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { keyFingerprint } from '../../core/jobKey.ts';
import { freeBytes } from '../../files/freeSpace.ts';
import { readToolVersion } from '../../media/toolVersion.ts';
import type { Context } from '../context.ts';
import { KEY_OLD_DAYS, keyAgeDays } from '../keyAge.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Which ffmpeg and ffprobe, and whether they can do what rbgv asks of them. */
export async function checkTools(context: Context): Promise<readonly Finding[]> {
  const tools = await context.tools();
  const { version, missing } = await readToolVersion(tools);
  const where = tools.origin === 'bundled' ? 'from npm' : 'on this machine';
  const detail = `${version} ${where}: ${tools.ffmpegPath}`;
  if (missing.length === 0) return [ok('ffmpeg', detail)];
  const fix = 'install a complete build (Debian: sudo apt install ffmpeg)';
  return [fail('ffmpeg', `${detail}; it lacks ${missing.join(', ')}`, fix)];
}

/** The ledger opens, is whole and lies on a disk that keeps its locks. */
export async function checkLedger(context: Context): Promise<readonly Finding[]> {
  const ledger = await context.ledger();
  const count = ledger.runs(1_000).length;
  const runs = count === 1 ? '1 run' : `${count} runs`;
  return [ok('ledger', `${context.environment.stateDir}, ${runs}, readable and writable`)];
}

/** Below this, runs stop before they start anything. */
const LITTLE_SPACE_BYTES = 1_000_000_000;

/** The results folder takes files whole and never over others, and has room. */
export async function checkResults(context: Context): Promise<readonly Finding[]> {
  const wanted = resolve(readRunDefaults({}, context.store).outputDir);
  let folder = wanted;
  while (!existsSync(folder)) folder = dirname(folder);
  const free = await freeBytes(folder);
  const room = `${(free / 1e9).toFixed(1)} GB free`;
  const findings = [
    free < LITTLE_SPACE_BYTES
      ? warn('results', `${wanted}: ${room}`, 'make room, or choose another --output-dir')
      : ok('results', `${wanted}: ${room}`),
  ];
  const trial = await mkdtemp(join(folder, '.rbgv-doctor-'));
  try {
    const file = await open(join(trial, 'part'), 'wx');
    await file.sync();
    await file.close();
    await link(join(trial, 'part'), join(trial, 'final'));
  } catch {
    const fix = 'rbgv works there too, by reserving names; keep other writers out of the folder';
    findings.push(warn('results', 'the file system has no hard links', fix));
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
  return findings;
}

/** Which key is used, where it comes from and whether it is time for a new one. */
export function checkKeyAge({ profile, store }: Context): readonly Finding[] {
  if (profile.kind === 'sandbox') return [ok('key', 'none needed by the sandbox')];
  const detail = `${keyFingerprint(profile.apiKey)} from the ${profile.keyFrom}`;
  const setAt = store.profile(profile.name)?.apiKeySetAt;
  if (profile.keyFrom !== 'stored profile' || setAt === undefined) return [ok('key', detail)];
  const days = keyAgeDays(setAt);
  const aged = `${detail}, stored ${days} days ago`;
  if (days < KEY_OLD_DAYS) return [ok('key', aged)];
  return [warn('key', aged, 'make a new key at the service, then `rbgv config set-key`')];
}
