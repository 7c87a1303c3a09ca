import ffmpeg from 'fluent-ffmpeg';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { printable } from '../core/redact.ts';

/** One run of ffmpeg: an input through a filter graph into an output. */
export interface Graph {
  /** Absolute path, or a pattern that ffmpeg's image sequences understand. */
  readonly input: string;
  readonly inputOptions: readonly string[];
  /** A filter_complex expression; no value in it may come from a file's name. */
  readonly filter: string;
  readonly outputOptions: readonly string[];
  /** Absolute path, `-` for formats that write nothing. */
  readonly output: string;
}

const TIME_LIMIT_SECONDS = 1_800;

/**
 * Runs a graph with fluent-ffmpeg, which no other file may use: it is archived, and a successor
 * should have to replace this function alone. Outputs are files, because its output streams can
 * report a failure when the pipe closes before the process has ended.
 *
 * It cannot pass `FFMPEG_ENV`; that matters to MPEG-TS alone, which never comes this far.
 *
 * @param onLine is given each line of ffmpeg's report; `true` means that the line was expected
 * @returns `undefined` when all went well, else ffmpeg's first complaint
 */
export function runGraph(
  graph: Graph,
  tools: FfmpegTools,
  onLine: (line: string) => boolean = () => false,
): Promise<string | undefined> {
  let complaint: string | undefined;
  return new Promise((resolve) => {
    ffmpeg({ timeout: TIME_LIMIT_SECONDS })
      .setFfmpegPath(tools.ffmpegPath)
      .input(graph.input)
      .inputOptions(['-nostdin', '-nostats', '-hide_banner', '-v', 'error', '-xerror'])
      .inputOptions(['-protocol_whitelist', 'file', ...graph.inputOptions])
      .complexFilter(graph.filter)
      .outputOptions([...graph.outputOptions])
      .output(graph.output)
      .on('stderr', (line: string) => {
        if (line !== '' && !onLine(line)) complaint ??= printable(line, 200);
      })
      .on('end', () => {
        resolve(complaint);
      })
      .on('error', (error: Error) => {
        resolve(complaint ?? printable(error.message, 200));
      })
      .run();
  });
}
