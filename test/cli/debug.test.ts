import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { JSON_LINES } from '../../src/cli/help/jsonEvents.ts';
import { asService, createHome, serve } from './rbgv.ts';

test('--debug-file names every request with its try and id, and neither key nor signature', async () => {
  const home = await createHome();
  const sandbox = await serve({
    home,
    faults: [{ endpoint: 'uploads', nth: 1, kind: 'status', status: 503 }],
  });
  await home.clip('a.mp4');
  const args = ['run', '--yes', '--json', '--debug-file', 'debug.log', 'a.mp4'];
  const { exitCode, stdout, stderr } = await home.rbgv(args, { env: asService(sandbox) });
  expect(exitCode).toBe(0);
  const log = await readFile(home.path('debug.log'), 'utf8');
  expect(log).toMatch(/^\S+Z GET \S+\/api\/pricing 200 \d+ ms$/m);
  expect(log).toMatch(/POST \S+\/v1\/jobs 20\d \d+ ms$/m);
  expect(log).toMatch(/POST \S+\/v1\/uploads 503 \d+ ms/m);
  expect(log).toMatch(/POST \S+\/v1\/uploads 20\d \d+ ms try 2$/m);
  expect(log).not.toContain('test-secret-key-42');
  expect(log.split('\n').filter((line) => /\/outputs\/.*=/.test(line))).toEqual([]);
  expect((await stat(home.path('debug.log'))).mode & 0o077).toBe(0);
  expect(stderr).not.toContain('/v1/jobs');

  // The same run shows that every line has the members that `rbgv help json` names, and no others.
  const lines = stdout
    .split('\n')
    .map((line) => JSON.parse(line) as { type: keyof typeof JSON_LINES });
  const seen = new Set(lines.map(({ type }) => type));
  for (const type of [
    'plan',
    'clip_state',
    'clip_progress',
    'retry',
    'clip_outcome',
    'summary',
  ] as const)
    expect(seen).toContain(type);
  for (const { type, ...members } of lines)
    expect(Object.keys(members).sort(), type).toEqual([...JSON_LINES[type].members].sort());
});

test('--debug shows a refusal with its request id on standard error', async () => {
  const home = await createHome();
  const sandbox = await serve({ home, keys: ['another-key'] });
  await home.clip('a.mp4');
  const { stderr } = await home.rbgv(['run', '--yes', '--debug', 'a.mp4'], {
    env: asService(sandbox),
  });
  expect(stderr).toMatch(/Z \w+ http:\S+ 401 \d+ ms req_\w+/);
});
