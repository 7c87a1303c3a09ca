import { writeFile } from 'node:fs/promises';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { OutputFormat } from '../core/model.ts';
import { drawText, GLYPH_HEIGHT, GLYPH_WIDTH } from './bitmapFont.ts';
import { encodePng } from './png.ts';
import { outputThumbnail, videoThumbnail, type Rendering } from './thumbnail.ts';

/** One clip to look at. */
export interface ContactSheetEntry {
  /** The source, absolute path. */
  readonly before: string;
  /** The output, absolute path. */
  readonly after: string;
  readonly format: OutputFormat;
  /** Written above the row; cut to its width. */
  readonly label: string;
}

const THUMBNAIL_WIDTH = 320;
const THUMBNAIL_HEIGHT = 180;
const SIZE = `${THUMBNAIL_WIDTH}:${THUMBNAIL_HEIGHT}`;

/** Fitted with clear margins: 4 bytes a pixel, RGBA, alpha not multiplied. */
const PADDED_RGBA: Rendering = {
  filter: `scale=${SIZE}:force_original_aspect_ratio=decrease,pad=${SIZE}:(ow-iw)/2:(oh-ih)/2:color=black@0`,
  outputOptions: ['-f', 'rawvideo'],
};

const MOST_ROWS = 24;
const MARGIN = 8;
const LABEL_HEIGHT = 20;
const ROW_HEIGHT = LABEL_HEIGHT + THUMBNAIL_HEIGHT + MARGIN;
const SHEET_WIDTH = 2 * THUMBNAIL_WIDTH + 3 * MARGIN;
const TEXT_SCALE = 2;
const LONGEST_LABEL = Math.floor((SHEET_WIDTH - 2 * MARGIN) / (GLYPH_WIDTH * TEXT_SCALE));

const PAPER = 0x20;
const INK = 0xe8;

type Shade = (x: number, y: number) => number;

const plain: Shade = () => PAPER;
const checkerboard: Shade = (x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 0xff : 0xc4);

/**
 * Draws one PNG to judge outputs by: a row for each of the first 24 clips, on the left a frame of the
 * source from about the middle, on the right the output at the same time over a checkerboard. A
 * thumbnail that cannot be made is left out, with the reason in the row's label.
 *
 * @throws the file system's error when the PNG cannot be written
 */
export async function contactSheet(
  entries: readonly ContactSheetEntry[],
  outPng: string,
  tools: FfmpegTools,
): Promise<void> {
  const rows = entries.slice(0, MOST_ROWS);
  const height = MARGIN + Math.max(rows.length, 1) * ROW_HEIGHT;
  const pixels = new Uint8Array(SHEET_WIDTH * height * 3).fill(PAPER);
  for (const [index, entry] of rows.entries()) {
    const top = MARGIN + index * ROW_HEIGHT;
    let { label } = entry;
    try {
      const after = await outputThumbnail(entry.after, entry.format, 0.5, PADDED_RGBA, tools);
      const before = await videoThumbnail(entry.before, after.position, PADDED_RGBA, tools);
      drawThumbnail(pixels, MARGIN, top + LABEL_HEIGHT, before, plain);
      const right = 2 * MARGIN + THUMBNAIL_WIDTH;
      drawThumbnail(pixels, right, top + LABEL_HEIGHT, after.bytes, checkerboard);
    } catch (error) {
      label += `: ${(error as Error).message}`;
    }
    drawLabel(pixels, top, label);
  }
  await writeFile(outPng, encodePng({ width: SHEET_WIDTH, height, pixels }));
}

function drawThumbnail(
  pixels: Uint8Array,
  left: number,
  top: number,
  rgba: Uint8Array,
  shade: Shade,
): void {
  for (let y = 0; y < THUMBNAIL_HEIGHT; y++) {
    for (let x = 0; x < THUMBNAIL_WIDTH; x++) {
      const from = (y * THUMBNAIL_WIDTH + x) * 4;
      const to = ((top + y) * SHEET_WIDTH + left + x) * 3;
      const alpha = (rgba[from + 3] ?? 0) / 255;
      const ground = shade(x, y) * (1 - alpha);
      for (let channel = 0; channel < 3; channel++) {
        pixels[to + channel] = (rgba[from + channel] ?? 0) * alpha + ground;
      }
    }
  }
}

function drawLabel(pixels: Uint8Array, top: number, label: string): void {
  const text = Array.from(label).slice(0, LONGEST_LABEL).join('');
  const baseline = top + Math.floor((LABEL_HEIGHT - GLYPH_HEIGHT * TEXT_SCALE) / 2);
  drawText(text, (x, y) => {
    for (let row = 0; row < TEXT_SCALE; row++) {
      const left = MARGIN + x * TEXT_SCALE;
      const to = ((baseline + y * TEXT_SCALE + row) * SHEET_WIDTH + left) * 3;
      pixels.fill(INK, to, to + TEXT_SCALE * 3);
    }
  });
}
