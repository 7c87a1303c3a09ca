import type { Rgb } from '../core/background.ts';
import type { Composition } from '../core/composition.ts';
import type { Model, OutputFormat } from '../core/model.ts';

/** What stands behind the subject, ready for an engine: an image is a local file by now. */
export type WorkBackground =
  | { readonly type: 'transparent' }
  | { readonly type: 'color'; readonly rgb: Rgb }
  | { readonly type: 'image'; readonly path: string };

/** One job as the sandbox hands it to whatever does the work. Paths are absolute. */
export interface WorkRequest {
  readonly jobId: string;
  readonly inputPath: string;
  /** Must be whole as soon as it exists: write beside it and rename. */
  readonly outputPath: string;
  readonly model: Model;
  readonly format: OutputFormat;
  readonly background: WorkBackground;
  readonly prompt?: string;
  /** Only this much from the clip's start. */
  readonly previewSeconds?: number;
  readonly composition?: Composition;
  /** Of the clip, as it was billed. */
  readonly durationSeconds: number;
}

/** How a job ended well. The optional members are what an engine can say about its own work. */
export interface WorkResult {
  /** Of the output. */
  readonly durationSeconds: number;
  readonly engine?: string;
  /** 0..1 */
  readonly confidence?: number;
  readonly warnings?: readonly string[];
  /** How each shot of the clip was worked, where an engine tells shots apart. */
  readonly shots?: readonly WorkShot[];
}

/** A part of a clip between two cuts; its end is exclusive. */
interface WorkShot {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly engine: string;
  /** 0..1 */
  readonly confidence?: number;
  readonly warnings: readonly string[];
}

export type WorkOutcome =
  | ({ readonly ok: true } & WorkResult)
  /** `code` is a stable word; the job's error reads `code: reason`. */
  | { readonly ok: false; readonly code: string; readonly reason: string };

interface WorkContext {
  /** Aborted when the sandbox closes; the outcome is then ignored and the job done again later. */
  readonly signal: AbortSignal;
  /** 0..1 */
  readonly onProgress: (fraction: number) => void;
}

/** Removes a background. Production passes the local engine, tests something fast. */
export type Work = (request: WorkRequest, context: WorkContext) => Promise<WorkOutcome>;
