import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ApiError } from '../../api/apiError.ts';
import { createHttpApi } from '../../api/httpApi.ts';
import { expandInputs } from '../../files/expandInputs.ts';
import { createProber } from '../../media/probe.ts';
import type { Context, Service } from '../context.ts';

/** A made-up key must be refused. Costs nothing. */
export async function refusesUnknownKey(
  { connection }: Service,
  signal: AbortSignal,
): Promise<string> {
  const stranger = createHttpApi({ ...connection, apiKey: 'rbgv-smoke-no-such-key' });
  const error = await refusal('an unknown key', () => stranger.usageSummary(1, signal));
  if (error.status !== 401 && error.status !== 403) throw error;
  return `an unknown key is refused with ${described(error)}`;
}

/** A job that does not exist must be refused in the documented form. Costs nothing. */
export async function refusesUnknownJob(
  { apiOnce }: Service,
  signal: AbortSignal,
): Promise<string> {
  const error = await refusal('an unknown job', () =>
    apiOnce.getJob('rbgv_smoke_no_such_job', signal),
  );
  if (error.status !== 404) throw error;
  return `an unknown job is refused with ${described(error)}`;
}

/**
 * A file that is no video must stop twice: at rbgv, before anything is sent, and at the service.
 * Costs nothing.
 */
export async function refusesNoVideo(
  folder: string,
  { apiOnce }: Service,
  context: Context,
  signal: AbortSignal,
): Promise<string> {
  const path = join(folder, 'no-video.mp4');
  const honestPath = join(folder, 'no-video.txt');
  for (const name of [path, honestPath]) await writeFile(name, 'this is no video');
  const { clips } = await expandInputs([path], { cwd: folder });
  const [clip] = clips;
  if (clip === undefined) throw new Error('the file made for this check is not there');
  const probed = await createProber(await context.tools())(clip);
  if ('media' in probed) throw new Error('rbgv took a text for a video');
  const { sizeBytes } = clip;
  const upload = { path: honestPath, fileName: 'no-video.txt', sizeBytes, onProgress: ignore };
  const error = await refusal('a text file', () => apiOnce.upload(upload, signal));
  return `a text is rejected by rbgv as ${probed.code}, and refused by the service with ${described(error)}`;
}

function ignore(): void {
  // Nobody watches the upload of a few bytes.
}

async function refusal(what: string, ask: () => Promise<unknown>): Promise<ApiError> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof ApiError && error.outcome === 'definite') return error;
    throw error;
  }
  throw new Error(`${what} was not refused`);
}

function described({ status, code, requestId }: ApiError): string {
  return `${status ?? ''} \`${code}\`, request ${requestId ?? 'without an id'}`;
}
