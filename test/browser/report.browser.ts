import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { judge } from '../../src/core/comparison.ts';
import { credits } from '../../src/core/credits.ts';
import { MODELS } from '../../src/core/model.ts';
import { beforeAndAfter } from '../../src/media/beforeAndAfter.ts';
import { clipsToPicture } from '../../src/report/gallery.ts';
import { reportPage } from '../../src/report/page.ts';
import type { Pictures } from '../../src/report/report.ts';
import { DISC, ffmpeg, H264, picture, tools, VP9, withAlpha } from '../media/makeMedia.ts';
import { reportedClip, reportOf, troubledClips } from '../report/sampleReport.ts';
import { lowContrast } from './contrast.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'rbgv-page-'));
  const [source, output] = [join(folder, 'source.mp4'), join(folder, 'good.webm')];
  await ffmpeg(...picture(1), ...H264, source);
  await ffmpeg(...withAlpha(DISC, 'yuva420p'), ...VP9, '-auto-alt-ref', '0', output);
  const at = { path: output, format: 'webm', position: 0.5 } as const;
  const pair = await beforeAndAfter(source, at, tools);
  const troubled = troubledClips();
  const pictured = new Map(clipsToPicture(troubled).map((clip) => [clip, pair]));
  const more = Array.from({ length: 500 }, (_, index) =>
    reportedClip({ name: `shelf/clip-${index}.mp4`, href: undefined }),
  );
  const page = reportPage(reportOf([...troubled, ...more]), pictured);
  await writeFile(join(folder, 'report.html'), page);
  await writeFile(join(folder, 'models.html'), comparedPage(pair));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** A report of one clip that went through four models. */
function comparedPage(pair: Pictures): string {
  const outputs = judge(
    MODELS.map((model, index) => ({
      clip: reportedClip({ name: `${model}/walk.mp4`, model }),
      model,
      price: credits(4 - index),
      figures: { flicker: index === 3 ? 0.3 : 0.01, coverage: 0.2, jump: 0.1, edge: 0.01 },
    })),
  );
  const clips = outputs.map(({ clip }) => clip);
  const report = { ...reportOf(clips), comparisons: [{ name: 'walk.mp4', outputs }] };
  return reportPage(report, new Map(clips.map((clip) => [clip, pair])));
}

/** A report as a person opens it from disk, and what it asked for and complained of. */
async function open(
  options: BrowserContextOptions = {},
  name = 'report.html',
): Promise<{ readonly page: Page; readonly requests: string[]; readonly complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(join(folder, name)).href);
  return { page, requests, complaints };
}

const rowsOf = (page: Page) => page.getByRole('table', { name: 'Every clip' }).locator('tbody tr');

describe('the report in a browser', () => {
  test('loads by itself: nothing else is asked for, nothing complains, no name is run', async () => {
    const { page, requests, complaints } = await open();
    expect(await page.title()).toContain('504 of 508 clips done');
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.locator('img').evaluateAll(allDecoded)).toBe(true);
    expect(requests).toEqual([pathToFileURL(join(folder, 'report.html')).href]);
    expect(complaints).toEqual([]);
    await page.getByRole('row', { name: '<script>window.pwned=1</script>' }).waitFor();
  });

  test('plays an output over the backdrop that was chosen', async () => {
    const { page, requests, complaints } = await open();
    const after = page.locator('.after video').first();
    const ground = () => after.evaluate((video) => getComputedStyle(video).background);
    expect(await ground()).toContain('conic-gradient');
    await page.getByRole('radio', { name: 'black' }).check();
    expect(await ground()).toContain('rgb(0, 0, 0)');
    await page.getByRole('radio', { name: 'checks' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await ground()).toContain('rgb(255, 255, 255)');

    await page.getByRole('button', { name: /^Play "><img/ }).click();
    await page.getByRole('button', { name: /^Pause "><img/ }).waitFor();
    const playedTo = () => after.evaluate((video) => (video as HTMLVideoElement).currentTime);
    await expect.poll(playedTo).toBeGreaterThan(0.1);
    expect(new Set(requests.slice(1))).toEqual(
      new Set([pathToFileURL(join(folder, 'good.webm')).href]),
    );
    await page.getByRole('button', { name: /^Pause "><img/ }).click();
    await page.getByRole('button', { name: /^Play "><img/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('filters by name and status, orders, and shows long lists in pages', async () => {
    const { page } = await open();
    const visible = rowsOf(page).filter({ visible: true });
    const count = page.getByRole('status');
    expect(await visible.count()).toBe(200);
    expect(await count.textContent()).toBe('508 clips, the first 200 shown');
    await page.getByRole('button', { name: 'Show more' }).click();
    expect(await visible.count()).toBe(400);

    const [status, order] = [/^Status/, /^Order/].map((name) =>
      page.getByRole('combobox', { name }),
    ) as [Locator, Locator];
    const name = page.getByRole('searchbox', { name: 'Name' });
    await status.selectOption('failed');
    expect(await visible.allTextContents()).toMatchObject([
      expect.stringContaining('no subject') as string,
    ]);
    expect(await count.textContent()).toBe('1 of 508 clips');
    await status.selectOption('');
    await name.fill('CLIP-49');
    expect(await visible.count()).toBe(11);
    await name.fill('');
    await order.selectOption('worst frame first');
    expect(await visible.first().textContent()).toContain('flickers by 62 %');
    await order.selectOption('name');
    await name.fill('shelf/clip-1');
    expect(await visible.nth(1).textContent()).toContain('clip-10.mp4');
  });

  test('can be worked by keyboard alone, and shows where it is', async () => {
    const { page } = await open();
    const path: string[] = [];
    for (let step = 0; step < 15; step += 1) {
      await page.keyboard.press('Tab');
      path.push(await page.evaluate(focusedThing));
    }
    const name = '"><img src=x onerror=window.pwned=1>.mov';
    expect(path.slice(0, 3)).toEqual(['checks', `Play ${name}`, `Open the output of ${name}`]);
    const tools = path.indexOf('Name');
    expect(path.slice(tools, tools + 3)).toEqual(['Name', 'Status', 'Order']);
    expect(path.at(-1)).toBe('Show more');
    expect(path).not.toContain('no outline');
  });

  test('tells a screen reader its headings, tables, pictures and controls by name', async () => {
    const { page } = await open();
    expect(await page.getByRole('heading').evaluateAll(outline)).toEqual([
      '1 504 of 508 clips done',
      '2 What to do',
      '2 Before and after',
      ...Array.from({ length: 3 }, () => '3'),
      '2 Credits',
      '2 Timeline',
      '2 Clips',
    ]);
    expect(await page.getByRole('table').count()).toBe(2);
    expect(await rowsOf(page).first().getByRole('rowheader').count()).toBe(1);
    const pictures = await page.getByRole('img').all();
    expect(pictures.length).toBeGreaterThan(3);
    for (const picture of pictures) expect(await picture.ariaSnapshot()).toMatch(/img ".+"/);
    await page.getByRole('group', { name: 'Backdrop' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  test.each([375, 768, 1440])('fits a screen of %i pixels, in light and dark', async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open({ viewport: { width, height: 800 }, colorScheme });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate(lowContrast)).toEqual([]);
    }
  });

  test('is a plain table of every clip without JavaScript', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await rowsOf(page).filter({ visible: true }).count()).toBe(508);
    expect(await page.getByRole('searchbox').count()).toBe(0);
    expect(await page.getByRole('button').count()).toBe(0);
  });
});

describe('models side by side in a browser', () => {
  test('show the same moment over the backdrop that was chosen, play, and mark the one to take', async () => {
    const { page, complaints } = await open({}, 'models.html');
    const columns = page.locator('.model');
    expect(await columns.count()).toBe(5);
    expect(await page.locator('.chosen').textContent()).toMatch(/pro[^]*★ cheapest acceptable/);
    expect(await columns.last().textContent()).toContain('flickers: 30 % > 5 %');
    const posters = page.locator('.model video');
    expect(new Set(await posters.evaluateAll(postersOf)).size).toBe(1);
    const tops = await columns.evaluateAll((all) =>
      all.map((one) => Math.round(one.getBoundingClientRect().top)),
    );
    expect(new Set(tops).size).toBe(1);

    await page.getByRole('radio', { name: 'black' }).check();
    const ground = posters.nth(2).evaluate((video) => getComputedStyle(video).background);
    expect(await ground).toContain('rgb(0, 0, 0)');
    await page.getByRole('button', { name: 'Play human/walk.mp4' }).click();
    const playedTo = () => posters.nth(3).evaluate((one) => (one as HTMLVideoElement).currentTime);
    await expect.poll(playedTo).toBeGreaterThan(0.1);
    expect(complaints).toEqual([]);
  });

  test.each([375, 1440])('fit a screen of %i pixels, in light and dark', async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open({ viewport: { width, height: 800 }, colorScheme }, 'models.html');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate(lowContrast)).toEqual([]);
    }
  });
});

function postersOf(videos: readonly Element[]): readonly string[] {
  return videos.map((video) => (video as HTMLVideoElement).poster);
}

function allDecoded(images: readonly Element[]): boolean {
  return images.every((image) => (image as HTMLImageElement).naturalWidth > 0);
}

function outline(headings: readonly Element[]): readonly string[] {
  return headings.map(({ tagName, textContent }) =>
    tagName === 'H3' ? '3' : `${tagName.slice(1)} ${textContent}`,
  );
}

/** What has the focus, by its name; run in the page. */
function focusedThing(): string {
  const element = document.activeElement as HTMLElement;
  if (getComputedStyle(element).outlineStyle === 'none') return 'no outline';
  const label = element.closest('label')?.firstChild?.textContent?.trim();
  const own = element.getAttribute('aria-label') ?? element.closest('label')?.textContent.trim();
  return label !== undefined && label !== '' ? label : (own ?? element.textContent);
}
