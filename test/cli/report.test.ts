import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { hashFile } from '../../src/files/hashFile.ts';
import { asService, createHome, matteOneSecond, serve } from './rbgv.ts';

test('a run leaves a report beside its outputs: pictures, links, failures and what to do', async () => {
  const home = await createHome();
  let jobs = 0;
  const sandbox = await serve({
    home,
    behaviour: { requestIdHeader: true },
    work(request, signal) {
      jobs += 1;
      const refusal = { ok: false, code: 'no_subject', reason: 'no <i>subject</i>' } as const;
      return jobs === 1 ? Promise.resolve(refusal) : matteOneSecond(request, signal);
    },
  });
  await home.clip('in/<b>&1.mp4');
  await home.clip('in/<b>&2.mp4');
  await writeFile(home.path('in/empty.mp4'), '');
  const args = ['run', '--yes', '--tag', 'customer=acme', 'in'];
  const result = await home.rbgv(args, { env: asService(sandbox) });
  expect(result.exitCode).toBe(3);
  expect(result.stderr).toContain('report: results/report.html');
  expect(await readdir(home.path('results'))).toHaveLength(2);

  const report = await readFile(home.path('results/report.html'), 'utf8');
  expect(report).toContain('1 of 3 clips done');
  expect(report).toContain('no &lt;i&gt;subject&lt;/i&gt;');
  expect(report).toMatch(/<code>rbgv retry \S+ --repay<\/code>/);
  expect(report).toMatch(/poster="data:image\/webp;base64,\w+/);
  expect(report).toMatch(/src="\.\/_b_%26[12]\.webm"/);
  expect(report).toMatch(/<td>\n?(?:steady|(?:jumps|flickers) by \d+ %)/);
  expect(report).toMatch(/download and check: \d/);
  expect(report).toMatch(/job <\/span>job_\w+<[^]*request <\/span>req_\w+</);
  expect(report).toMatch(/tag customer[^]*>acme</);
});

test('a report replaces an earlier one only, can be left out, and is written again from the ledger', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  await home.clip('a.mp4');
  await copyFile(home.path('a.mp4'), home.path('same.mp4'));
  await mkdir(home.path('results'));
  await writeFile(home.path('results/report.html'), 'my own words');
  const args = ['run', '--yes', 'a.mp4', 'same.mp4'];
  const first = await home.rbgv(args, { env: asService(sandbox) });
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toContain('report: results/report-2.html');
  expect(await readFile(home.path('results/report.html'), 'utf8')).toBe('my own words');

  const [page, json, csv] = await Promise.all([
    home.rbgv(['report', '--output', 'page/of run.html']),
    home.rbgv(['report', '--json']),
    home.rbgv(['report', '--csv', '--contact-sheet', 'sheet.png']),
  ]);
  expect([page.exitCode, page.stdout]).toEqual([0, 'page/of run.html']);
  const text = await readFile(home.path('page/of run.html'), 'utf8');
  expect(text).toContain('href="./../results/a.webm"');
  const { outputs } = JSON.parse(json.stdout) as {
    outputs: { path: string; sha256: string; size_bytes: number }[];
  };
  expect(outputs.map(({ path }) => path)).toEqual([
    home.path('results/a.webm'),
    home.path('results/same.webm'),
  ]);
  for (const { path, sha256, size_bytes } of outputs) {
    expect([sha256, size_bytes]).toEqual([await hashFile(path), (await stat(path)).size]);
  }
  expect(csv.stdout).toContain(`${home.path('results/a.webm')},${outputs[0]?.sha256 ?? ''}`);
  expect((await stat(home.path('sheet.png'))).size).toBeGreaterThan(1_000);

  const other = await home.rbgv([...args, '--no-report', '-o', 'other'], {
    env: asService(sandbox),
  });
  expect(other.exitCode).toBe(0);
  expect(await readdir(home.path('other'))).toEqual(['a.webm', 'same.webm']);
});

test('a report that cannot be written is a warning: the run is as good as without', async () => {
  const home = await createHome();
  const sandbox = await serve({ home });
  await home.clip('a.mp4');
  // Paths end at 4095 bytes: the output's still fits, the report's temporary one does not.
  const deep = 'results/'.padEnd(4_060 - home.folder.length, 'd/');
  const result = await home.rbgv(['run', '--yes', '-o', deep, 'a.mp4'], {
    env: asService(sandbox),
  });
  expect(result.exitCode).toBe(0);
  expect(result.stderr).toContain('warning: there is no report');
  expect(result.stdout).toContain('1 done');
});
