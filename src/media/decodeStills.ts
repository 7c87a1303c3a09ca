import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { runGraph } from './ffmpegGraph.ts';
import type { FrameReport } from './frameReport.ts';
import { collectFrames, REPORT_FRAMES } from './frameReport.ts';

const BATCH_PICTURES = 200;
const BATCH_BYTES = 64_000_000;

/**
 * Decodes a sequence of still pictures of one kind. They pass through a temporary folder in batches,
 * for ffmpeg reads neither animated WebP nor a stream of stills reliably; memory and disk stay
 * bounded. Timestamps in the report mean nothing.
 *
 * @param extension with its dot
 * @throws Error with ffmpeg's complaint, or when a picture yields no frame
 */
export async function decodeStills(
  pictures: AsyncIterable<Uint8Array>,
  extension: string,
  tools: FfmpegTools,
): Promise<FrameReport> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-frames-'));
  const frames = collectFrames();
  let written = 0;
  let decoded = 0;
  let batchBytes = 0;
  try {
    for await (const picture of pictures) {
      await writeFile(join(folder, `${written}${extension}`), picture);
      written++;
      batchBytes += picture.length;
      if (written - decoded >= BATCH_PICTURES || batchBytes >= BATCH_BYTES) await decodeBatch();
    }
    if (written > decoded) await decodeBatch();
    return frames.report();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  async function decodeBatch(): Promise<void> {
    const complaint = await runGraph(
      {
        input: join(folder, `%d${extension}`),
        inputOptions: ['-start_number', String(decoded)],
        filter: `[0:v:0]${REPORT_FRAMES}[frames]`,
        outputOptions: ['-map', '[frames]', '-f', 'null'],
        output: '-',
      },
      tools,
      frames.take,
    );
    if (complaint !== undefined) throw new Error(complaint);
    const { count } = frames.report();
    if (count !== written) throw new Error(`${count} of ${written} pictures can be decoded`);
    for (; decoded < written; decoded++) await rm(join(folder, `${decoded}${extension}`));
    batchBytes = 0;
  }
}
