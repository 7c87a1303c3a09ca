import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { judge } from '../../src/core/comparison.ts';
import { credits } from '../../src/core/credits.ts';
import { clipsToPicture, momentToShow, unrestText } from '../../src/report/gallery.ts';
import { REPORT_MARK, reportPage } from '../../src/report/page.ts';
import type { Pictures, ReportedClip } from '../../src/report/report.ts';
import { spansOf, timeIn } from '../../src/report/spans.ts';
import { reportedClip, reportOf, steadiness, troubledClips } from './sampleReport.ts';

const NONE: ReadonlyMap<ReportedClip, Pictures> = new Map();

const pageOf = (clips: readonly ReportedClip[], pictures = NONE): string =>
  reportPage(reportOf(clips), pictures);

describe('the page', () => {
  it('takes no name, reason or id for markup, and shows characters that would hide or reverse', () => {
    const clips = troubledClips();
    const picture = { before: Buffer.from('b'), after: Buffer.from('a') };
    const page = pageOf(clips, new Map(clips.map((clip) => [clip, picture])));
    expect(page).not.toContain('<script>window.pwned');
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('<b>no subject');
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;window.pwned=1');
    expect(page).toContain('right\\x202etfel.mp4');
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  it('forbids everything that it does not hold itself', () => {
    const page = pageOf(troubledClips());
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    for (const element of ['script', 'style']) {
      const [, text = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page) ?? [];
      const hash = createHash('sha256').update(text).digest('base64');
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/<[^>]* (?:on\w+|style)=/);
  });

  it('lays models side by side, marks the cheapest that will do, and shows no clip twice', () => {
    const name = 'light/<b>a</b>.mp4';
    const [light, human] = ['light', 'human'].map((model) => reportedClip({ name, model })) as [
      ReportedClip,
      ReportedClip,
    ];
    const figures = { flicker: 0.2, coverage: 0.3, jump: 0.1, edge: 0.012 };
    const outputs = judge([
      { clip: light, model: 'light', price: credits(2), figures },
      { clip: human, model: 'human', price: credits(3), figures: { ...figures, flicker: 0.01 } },
    ]);
    const pair = { before: Buffer.from('b'), after: Buffer.from('a') };
    const report = {
      ...reportOf([light, human]),
      comparisons: [{ name: '<b>a</b>.mp4', outputs }],
    };
    const page = reportPage(report, new Map([light, human].map((clip) => [clip, pair])));
    expect(page).toContain('<bdi>&lt;b&gt;a&lt;/b&gt;.mp4</bdi>');
    expect(page).toContain(
      'human (3) is the cheapest acceptable, and the only one; cheaper, and not acceptable: light (2).',
    );
    expect(page).toMatch(/flickers: 20 % &gt; 5 %[^]*class="model chosen"[^]*cheapest acceptable/);
    expect(page).not.toContain('<h2 id="pictures">');
    expect(page.match(/name="backdrop" value="white"/g)).toHaveLength(1);
  });

  it('begins with the mark by which rbgv knows it', () => {
    expect(pageOf([]).startsWith(REPORT_MARK)).toBe(true);
  });

  it('says what to do about clips that are not done, the same advice once', () => {
    const clips = troubledClips();
    const page = pageOf([...clips, ...clips]);
    expect(page.match(/<code>[^<]+/g)?.map((code) => code.slice(6))).toEqual([
      'rbgv retry 20261121-010200-4f1c --repay',
      'rbgv resume 20261121-010200-4f1c',
      'rbgv resume 20261121-010200-4f1c',
    ]);
    expect(page).toContain('<strong>2 clips failed.</strong>');
    expect(page).toContain('8 of 16 clips done');
    expect(pageOf([reportedClip({ name: 'a.mp4' })])).not.toContain('What to do');
  });

  it('counts what was spent, and what one output cost with the failures', () => {
    const page = pageOf(troubledClips());
    const row = /<tr>\n<th scope="row"><bdi>human.*?<\/tr>/s.exec(page)?.[0] ?? '';
    const cells = row
      .replace(/<[^>]+>/g, ' ')
      .trim()
      .split(/\s+/);
    expect(cells).toEqual(['human', '8', '4', '32.0', 's', '20', '5']);
  });

  it('stays of a bearable size with ten thousand clips, each of them in it', () => {
    const clips = Array.from({ length: 10_000 }, (_, index) =>
      reportedClip({
        name: `shelf-${index % 40}/clip-${index}.mp4`,
        spans: [
          { phase: 'upload', fromMs: index * 40, toMs: index * 40 + 900 },
          { phase: 'processing', fromMs: index * 40 + 1_000, toMs: index * 40 + 31_000 },
        ],
      }),
    );
    const page = pageOf(clips);
    expect(page.match(/<tr/g)?.length).toBeGreaterThan(10_000);
    expect(page.length).toBeLessThan(7_000_000);
    const timeline = /<svg.*<\/svg>/s.exec(page)?.[0] ?? '';
    expect(timeline.match(/<g>/g)?.length).toBeLessThanOrEqual(120);
    expect(timeline.length).toBeLessThan(100_000);
  });

  it('tells of a run without any clip done', () => {
    const page = pageOf(troubledClips().slice(-1));
    expect(page).toContain('0 of 1 clips done');
    expect(page).not.toContain('<svg');
  });
});

describe('the clips to look at', () => {
  const calm = reportedClip({ name: 'calm.mp4' });
  const flickering = reportedClip({ name: 'flickers.mp4', steadiness: steadiness(0.4, 0.4) });
  const jumping = reportedClip({ name: 'jumps.mp4', steadiness: steadiness(0, 0.9) });

  it('come with the worst frame first, and no more of them than two dozen', () => {
    const failed = reportedClip({ name: 'failed.mp4', status: 'failed', href: undefined });
    expect(clipsToPicture([failed, calm, flickering, jumping])).toEqual([
      jumping,
      flickering,
      calm,
    ]);
    expect(clipsToPicture(Array.from({ length: 100 }, () => calm))).toHaveLength(24);
  });

  it('are shown at their worst frame, or in the middle', () => {
    expect(unrestText(flickering)).toBe('flickers by 40 % at 1.6 s');
    expect(unrestText(jumping)).toBe('jumps by 90 % at 1.6 s');
    expect(unrestText(calm)).toBe('steady');
    expect(momentToShow(jumping)).toBeCloseTo(0.395);
    expect(momentToShow(calm)).toBe(0.5);
  });
});

describe('the times of a clip', () => {
  it('are told from the events of the run, what an earlier run began from the start on', () => {
    const first = spansOf(
      [
        { at: 1_500, type: 'uploaded' },
        { at: 1_600, type: 'created' },
        { at: 1_700, type: 'start_intended' },
        { at: 2_000, type: 'started' },
        { at: 9_000, type: 'processed' },
        { at: 9_500, type: 'verified' },
        { at: 9_600, type: 'published' },
      ],
      1_000,
      1_200,
    );
    expect(first).toEqual([
      { phase: 'upload', fromMs: 200, toMs: 500 },
      { phase: 'processing', fromMs: 1_000, toMs: 8_000 },
      { phase: 'download', fromMs: 8_000, toMs: 8_500 },
    ]);
    expect(timeIn('processing', first)).toBe(7_000);
    expect(spansOf([{ at: 5_000, type: 'failed' }], 2_000, 10)).toEqual([
      { phase: 'processing', fromMs: 0, toMs: 3_000 },
    ]);
  });
});
