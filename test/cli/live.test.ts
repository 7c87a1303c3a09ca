import { join } from 'node:path';

import { execa } from 'execa';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';

import { cutText, fitText } from '../../src/cli/report/fitText.ts';
import { openLiveBlock } from '../../src/cli/report/liveBlock.ts';
import { liveFrame } from '../../src/cli/report/liveFrame.ts';
import { createLiveState } from '../../src/cli/report/liveState.ts';
import { createPaceMeter } from '../../src/cli/report/pace.ts';
import { systemClock } from '../../src/core/clock.ts';
import { credits, sumCredits } from '../../src/core/credits.ts';
import type { BatchEvent } from '../../src/core/events.ts';
import { printable } from '../../src/core/redact.ts';
import { createScreen } from './screen.ts';

const HOSTILE = [
  '\u001b[2J\u001b[31mred.mp4',
  '日本語のとても長い名前の動画ファイル.mov',
  '🎉👩‍👩‍👧 party.mp4',
];

/** A run of clips of two seconds and one credit each. */
function manyClips(count: number) {
  const names = Array.from(
    { length: count },
    (_, index) => `in/${index} ${HOSTILE[index % 3] ?? ''}`,
  );
  const clips = new Map(names.map((name) => [name, { seconds: 2, credits: credits(1) }]));
  const cost = sumCredits([...clips.values()].map((clip) => clip.credits));
  let ms = 0;
  const state = createLiveState({ total: count, cost, seconds: 2 * count, clips }, () => ms);
  return { names, state, wait: (more: number) => (ms += more), now: () => ms };
}

function done(relativePath: string, reused = false): BatchEvent {
  const rest = { model: 'light', durationSeconds: 2, credits: credits(1), elapsedMs: 1 } as const;
  const outcome = { path: relativePath, relativePath, jobId: 'j', ...rest } as const;
  return {
    type: 'clip_outcome',
    outcome: { ...outcome, status: 'done', outputPath: '/x', reused },
  };
}

describe('the block of a run', () => {
  test.for([
    [100, 30],
    [60, 20],
    [20, 8],
  ] as const)(
    'fits a screen of %i by %i places, whatever the clips are called',
    ([columns, rows]) => {
      const { names, state, now } = manyClips(10_000);
      for (const name of names.slice(0, 500)) {
        const progress = { phase: 'upload', fraction: 0.5, totalBytes: 3e6 } as const;
        state.report({ type: 'clip_progress', relativePath: name, ...progress });
      }
      const pace = createPaceMeter().measure(state.state(), now());
      const lines = liveFrame(state.state(), pace, printable, { columns, rows });
      expect(lines.length).toBeLessThan(rows);
      for (const line of lines) expect(stringWidth(line)).toBeLessThan(columns);
      expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
      expect(lines.join('\n')).toContain('0/10000 clips');
      expect(lines.join('\n')).toMatch(/and \d+ more/);
    },
  );

  test('shows the clips that are furthest on first, with bytes, credits and what is on its way', () => {
    const { names, state, now } = manyClips(5);
    const [a = '', b = '', c = '', d = ''] = names;
    state.report({
      type: 'clip_progress',
      relativePath: a,
      phase: 'upload',
      fraction: 0.25,
      totalBytes: 8e6,
    });
    state.report({ type: 'clip_state', relativePath: b, state: 'started' });
    state.report({
      type: 'clip_progress',
      relativePath: b,
      phase: 'processing',
      fraction: 0.4,
      totalBytes: undefined,
    });
    state.report({ type: 'clip_state', relativePath: c, state: 'starting' });
    state.report(done(d));
    const pace = createPaceMeter().measure(state.state(), now());
    const text = liveFrame(state.state(), pace, printable, { columns: 100, rows: 30 });
    expect(text[0]).toMatch(/processing +40 % +\[####--------\]$/);
    expect(text[1]).toContain('waiting');
    expect(text[2]).toMatch(/uploading +25 % .* 2\.0 MB of 8\.0 MB$/);
    expect(text[3]).toContain('1/5 clips');
    expect(text[4]).toContain('1 of 5 credits (1 on the way)');
  });

  test('foresees the end from what was worked, not from what was there already', () => {
    const { names, state, now, wait } = manyClips(100);
    for (const name of names.slice(0, 50)) state.report(done(name, true));
    wait(20_000);
    for (const name of names.slice(50, 60)) state.report(done(name));
    expect(createPaceMeter().measure(state.state(), now()).leftMs).toBe(80_000);
  });
});

describe('a live block', () => {
  test('stays below what is printed, in one write a frame, and is gone at the end', async () => {
    const screen = createScreen(40, 10);
    let step = 0;
    const block = openLiveBlock(screen, () => [`step ${step}`, `line two of ${step}`], systemClock);
    expect(screen.cursorIsHidden).toBe(true);
    for (step = 1; step <= 3; step += 1) {
      for (let line = 0; line < 5; line += 1) block.print(`clip ${step}.${line} has ended`);
      const before = screen.writes.length;
      await expect.poll(() => screen.lines().at(-1)).toBe(`line two of ${step}`);
      expect(screen.writes.length - before).toBe(1);
    }
    block.stop();
    expect(screen.lines()).toHaveLength(15);
    expect(screen.lines().at(-1)).toBe('clip 3.4 has ended');
    expect(screen.cursorIsHidden).toBe(false);
  });

  test('writes nothing while nothing changes', async () => {
    const screen = createScreen(40, 10);
    const frames = { drawn: 0 };
    const block = openLiveBlock(
      screen,
      () => {
        frames.drawn += 1;
        return ['the same'];
      },
      systemClock,
    );
    await expect.poll(() => frames.drawn).toBeGreaterThan(3);
    // To hide the cursor, and the first frame.
    expect(screen.writes).toHaveLength(2);
    block.stop();
  });

  test('gives the cursor back when the process dies of a bug', async () => {
    const program = join(import.meta.dirname, 'crashingBlock.ts');
    const { stdout, exitCode } = await execa('node', ['--import', 'tsx', program], {
      reject: false,
    });
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain('at work');
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
  });
});

describe('text that is fitted', () => {
  test('keeps the beginning and the extension, and counts wide characters twice', () => {
    expect(cutText('a-rather-long-name.mp4', 14)).toBe('a-rather-….mp4');
    for (const text of HOSTILE) {
      for (const width of [0, 1, 2, 5, 12, 60]) {
        const fitted = fitText(printable(text), width);
        expect(stringWidth(fitted), `${text} in ${width}`).toBe(width);
      }
    }
  });
});
