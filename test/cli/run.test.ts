import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { asService, createHome, serve, tools } from './rbgv.ts';
import { verifyOutput } from '../../src/media/verify.ts';

describe('rbgv run', () => {
  test('on the embedded default: removes backgrounds, rejects what is no clip, exits 3', async () => {
    const home = await createHome();
    await home.clip('in/good.mp4');
    await home.clip('in/a/same.mp4');
    await home.clip('in/b/same.mp4');
    await copyFile(home.path('in/good.mp4'), home.path('in/corrupt.mp4'));
    await truncate(home.path('in/corrupt.mp4'), 3000);
    await writeFile(home.path('in/text.mp4'), 'this is a text');
    await writeFile(home.path('in/empty.mp4'), '');
    await writeFile(home.path('in/notes.txt'), 'not a clip at all');

    const result = await home.rbgv(['run', '--yes', 'in']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr.split('\n')[0]).toContain('local sandbox');
    expect(result.stdout).toContain('3 done, 3 rejected');
    const outputs = await readdir(home.path('results'), { recursive: true });
    expect(outputs.filter((name) => name.endsWith('.webm')).sort()).toEqual([
      'a/same.webm',
      'b/same.webm',
      'good.webm',
    ]);
    expect(outputs.filter((name) => name.includes('.part'))).toEqual([]);
    const check = await verifyOutput(
      home.path('results/good.webm'),
      { format: 'webm', durationUs: 1e6, framesPerSecond: 25, transparent: true, audio: true },
      await tools(),
    );
    expect(check.ok).toBe(true);

    const status = await home.rbgv(['status']);
    expect(status.stdout).toMatch(/good\.mp4 +done/);
    const usage = await home.rbgv(['usage', '--json']);
    const books = JSON.parse(usage.stdout) as { service: { summary: { credits_used: number } } };
    expect(books.service.summary.credits_used).toBe(3);
  });

  test('delivers a PNG sequence as a folder of frames, checked as a whole', async () => {
    const home = await createHome();
    await home.clip('a.mp4');
    const sequence = ['run', '--yes', '--no-report', '--format', 'png_sequence', 'a.mp4'];
    const result = await home.rbgv([...sequence, '--contact-sheet', 'sheet.png']);
    expect(result.exitCode).toBe(0);
    const frames = (await readdir(home.path('results/a_frames'))).sort();
    expect([frames.length, frames[0], frames.at(-1)]).toEqual([
      25,
      'frame_000001.png',
      'frame_000025.png',
    ]);
    expect(await readdir(home.path('results'))).toEqual(['a_frames']);
    expect((await readFile(home.path('sheet.png'))).length).toBeGreaterThan(1000);
    expect((await home.rbgv(['verify'])).stdout).toBe('1 whole, 0 missing, 0 changed');
    await writeFile(home.path('results/a_frames/frame_000007.png'), 'scribble');
    expect((await home.rbgv(['verify'])).stdout).toContain('1 changed');
    const packed = await home.rbgv([...sequence, '--keep-zip']);
    expect(packed.stdout).toContain('a.zip');
    expect((await home.rbgv(['usage', '--json'])).stdout).toContain('"credits_used": 1,');
  });

  test('killed with SIGKILL again and again, it finishes ten clips and pays each once', async () => {
    const home = await createHome();
    for (let clip = 0; clip < 10; clip += 1) await home.clip(`in/clip-${clip}.mp4`);
    const args = ['run', '--yes', '--json', '--model', 'light', '--concurrency', '10', 'in'];
    // After how many reported steps the process dies: in uploads, in starts, in work, in downloads.
    for (const lines of [4, 25, 9, 14, 20]) {
      const process = home.rbgv(args);
      let seen = 0;
      process.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString().split('\n').length - 1;
        if (seen >= lines) process.kill('SIGKILL');
      });
      await process;
    }
    const last = await home.rbgv(['resume', '--yes', '--concurrency', '10']);
    expect(last.stderr).toMatch(/run \S+: .*(already paid|draft|not started|done)/);
    expect(last.exitCode).toBe(0);
    expect((await home.rbgv(['resume'])).stderr).toContain('nothing is left to do');
    const ledger = await readFile(join(home.state, 'sandbox', 'charges.jsonl'), 'utf8');
    const charges = ledger
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { job_id: string });
    expect(new Set(charges.map((charge) => charge.job_id)).size).toBe(10);
    expect(charges).toHaveLength(10);
    const names = await readdir(home.path('results'));
    expect(names.filter((name) => name !== 'report.html')).toHaveLength(10);

    const again = await home.rbgv(['run', 'in', '--model', 'light']);
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain('10 done, of these 10 were there already, 0 credits');
  });

  test('asks before it spends; with nobody to ask it says how to agree, and sends nothing', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('a.mp4');
    const result = await home.rbgv(['run', 'a.mp4'], { env: asService(sandbox) });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('Spend 1 credits, at worst 60, on 1 clip');
    expect(result.stderr).toContain('hint: without a terminal, agree beforehand with --yes');
    expect(sandbox.requests().uploads).toBe(0);
  });

  test('stops before anything is sent when the plan exceeds the budget', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('a.mp4');
    const args = ['run', '--yes', '--max-credits', '2.9', '--model', 'pro', 'a.mp4'];
    const result = await home.rbgv(args, { env: asService(sandbox) });
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toContain(
      "the plan costs 3 credits, at worst 180; the run's budget of 2.9 has 2.9 left",
    );
    expect(sandbox.requests().uploads).toBe(0);
  });

  test('a dry run shows the plan and sends nothing', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await home.clip('a.mp4');
    const result = await home.rbgv(['run', '--dry-run', 'a.mp4'], { env: asService(sandbox) });
    expect([result.exitCode, sandbox.requests().uploads]).toEqual([0, 0]);
    expect(result.stderr).toContain('total, 1 clip');
  });

  test('the key is never printed and never written down', async () => {
    const home = await createHome();
    const sandbox = await serve({ home, keys: ['another-key'] });
    await home.clip('a.mp4');
    const key = 'test-secret-key-42';
    const refused = await home.rbgv(['run', '--yes', '--verbose', 'a.mp4'], {
      env: asService(sandbox),
    });
    expect(refused.exitCode).toBe(4);
    const open = await serve({ home: { ...home, path: (...p) => home.path('other', ...p) } });
    const accepted = await home.rbgv(['run', '--yes', '--verbose', 'a.mp4'], {
      env: asService(open),
    });
    expect(accepted.exitCode).toBe(0);
    const printed = [refused, accepted].map((r) => `${r.stdout}${r.stderr}`).join('');
    const base64 = Buffer.from(key).toString('base64').replace(/=+$/, '');
    const written = await Promise.all(
      (await readdir(home.state, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
    );
    for (const text of [printed, ...written]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(base64);
    }
  });

  test('a name full of control characters neither harms the screen nor collides', async () => {
    const home = await createHome();
    const sandbox = await serve({ home });
    await mkdir(home.path('in'));
    for (const name of ['in/\u001b[2Jx.mp4', 'in/-o.mp4', 'in/é.mp4', 'in/e\u0301.mp4'])
      await home.clip(name);
    const result = await home.rbgv(['run', '--yes', 'in'], { env: asService(sandbox) });
    expect(result.exitCode).toBe(0);
    expect(`${result.stdout}${result.stderr}`).not.toContain('\u001b');
    const names = await readdir(home.path('results'));
    expect(names.filter((name) => name !== 'report.html')).toHaveLength(4);
  });
});

describe('wrong usage', () => {
  test.each([
    [['run', '--yes', '--format', 'mp4', 'a.mp4'], 'mp4` cannot be transparent'],
    [['run', '--yes', '--prompt', 'dog', 'a.mp4'], 'takes no prompt'],
    [['run', '--yes', '--background', 'purplish', 'a.mp4'], 'is no background'],
    [['run', '--yes', '--model', 'best', 'a.mp4'], 'Allowed choices'],
    [['run', '--yes', '--concurrency', '0', 'a.mp4'], 'from 1 to 32'],
    [['run', '--yes', '--bwlimit', 'fast', 'a.mp4'], 'such as 2.5M or 800k'],
    [['run', '--yes', '--order', 'best', 'a.mp4'], 'Allowed choices'],
    [['run', '--yes', 'nowhere'], 'fix'],
    [['usage', '--days', '91'], 'from 1 to 90'],
    [['usage', '--events', '0'], 'from 1 to 100'],
    [['rum'], 'Did you mean run?'],
    [['estimate'], 'missing required argument'],
    [['run', '--api-key', 'k', 'a.mp4'], 'unknown option'],
  ])('%j is explained and exits 2', async (args, words) => {
    const home = await createHome();
    await writeFile(home.path('a.mp4'), 'x');
    const result = await home.rbgv(args);
    expect(result.stderr).toContain(words);
    expect(result.exitCode).toBe(words === 'fix' ? 3 : 2);
  });

  test('a profile asked for by name without its key is exit 4, not the sandbox', async () => {
    const home = await createHome();
    const result = await home.rbgv(['run', '--profile', 'production', '--yes', 'a.mp4']);
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toContain('hint: set REMOVEBGVIDEO_API_KEY');
  });
});
