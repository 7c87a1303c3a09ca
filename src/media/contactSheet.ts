import { writeFile } from 'node:fs/promises';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { OutputFormat } from '../core/model.ts';
import { drawText, GLYPH_HEIGHT, GLYPH_WIDTH } from './bitmapFont.ts';
import { encodePng, type Picture } from './png.ts';
import { outputThumbnail, videoThumbnail, type Rendering } from './thumbnail.ts';

/** One clip to look at. */
export interface ContactSheetEntry {
  /** The source, absolute path. */
  readonly before: string;
  /** One, or those to compare. */
  readonly outputs: readonly {
    /** Absolute path. */
    readonly path: string;
    readonly format: OutputFormat;
    /** Written above it, when there are several. */
    readonly caption: string;
  }[];
  /** Written above the row; cut to its room. */
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
const COLUMN_WIDTH = THUMBNAIL_WIDTH + MARGIN;
const TEXT_SCALE = 2;

const PAPER = 0x20;
const INK = 0xe8;

type Shade = (x: number, y: number) => number;

const plain: Shade = () => PAPER;
const checkerboard: Shade = (x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 0xff : 0xc4);

/**
 * Draws one PNG to judge outputs by: a row for each of the first 24 clips, on the left a frame of the
 * source from about the middle, beside it its outputs at the same time over a checkerboard. A
 * thumbnail that cannot be made is left out, with the reason in its label.
 *
 * @throws the file system's error when the PNG cannot be written
 */
export async function contactSheet(
  entries: readonly ContactSheetEntry[],
  outPng: string,
  tools: FfmpegTools,
): Promise<void> {
  const rows = entries.slice(0, MOST_ROWS);
  const columns = 1 + Math.max(1, ...rows.map(({ outputs }) => outputs.length));
  const width = MARGIN + columns * COLUMN_WIDTH;
  const height = MARGIN + Math.max(rows.length, 1) * ROW_HEIGHT;
  const sheet = { width, height, pixels: new Uint8Array(width * height * 3).fill(PAPER) };
  for (const [index, entry] of rows.entries()) {
    const top = MARGIN + index * ROW_HEIGHT;
    const isAlone = entry.outputs.length === 1;
    let { label } = entry;
    let position = 0.5;
    for (const [number, { path, format, caption }] of entry.outputs.entries()) {
      const left = MARGIN + (number + 1) * COLUMN_WIDTH;
      let text = caption;
      try {
        const after = await outputThumbnail(path, format, position, PADDED_RGBA, tools);
        ({ position } = after);
        drawThumbnail(sheet, left, top + LABEL_HEIGHT, after.bytes, checkerboard);
      } catch (error) {
        const reason = `: ${(error as Error).message}`;
        text += reason;
        if (isAlone) label += reason;
      }
      if (!isAlone) drawLabel(sheet, left, top, text, THUMBNAIL_WIDTH);
    }
    try {
      const before = await videoThumbnail(entry.before, position, PADDED_RGBA, tools);
      drawThumbnail(sheet, MARGIN, top + LABEL_HEIGHT, before, plain);
    } catch (error) {
      label += `: ${(error as Error).message}`;
    }
    drawLabel(sheet, MARGIN, top, label, isAlone ? width - 2 * MARGIN : THUMBNAIL_WIDTH);
  }
  await writeFile(outPng, encodePng(sheet));
}

function drawThumbnail(
  { pixels, width }: Picture,
  left: number,
  top: number,
  rgba: Uint8Array,
  shade: Shade,
): void {
  for (let y = 0; y < THUMBNAIL_HEIGHT; y++) {
    for (let x = 0; x < THUMBNAIL_WIDTH; x++) {
      const from = (y * THUMBNAIL_WIDTH + x) * 4;
      const to = ((top + y) * width + left + x) * 3;
      const alpha = (rgba[from + 3] ?? 0) / 255;
      const ground = shade(x, y) * (1 - alpha);
      for (let channel = 0; channel < 3; channel++) {
        pixels[to + channel] = (rgba[from + channel] ?? 0) * alpha + ground;
      }
    }
  }
}

/** @param room in pixels; what is longer is cut */
function drawLabel(
  { pixels, width }: Picture,
  left: number,
  top: number,
  label: string,
  room: number,
): void {
  const most = Math.floor(room / (GLYPH_WIDTH * TEXT_SCALE));
  const text = Array.from(label).slice(0, most).join('');
  const baseline = top + Math.floor((LABEL_HEIGHT - GLYPH_HEIGHT * TEXT_SCALE) / 2);
  drawText(text, (x, y) => {
    for (let row = 0; row < TEXT_SCALE; row++) {
      const to = ((baseline + y * TEXT_SCALE + row) * width + left + x * TEXT_SCALE) * 3;
      pixels.fill(INK, to, to + TEXT_SCALE * 3);
    }
  });
}
