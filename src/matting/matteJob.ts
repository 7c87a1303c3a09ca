import type { Rgb } from '../core/background.ts';
import type { Composition } from '../core/composition.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { LearnedModel } from '../core/learnedModel.ts';
import type { Model, OutputFormat } from '../core/model.ts';
import type { Threads } from './crew/crew.ts';
import type { EngineName } from './engines/engine.ts';

/** What stands behind the subject; an image is a local file here. */
export type MatteBackground =
  | { readonly type: 'transparent' }
  | { readonly type: 'color'; readonly rgb: Rgb }
  | { readonly type: 'image'; readonly path: string };

/** One clip to be cut out. All paths are absolute. */
export interface MatteRequest {
  readonly inputPath: string;
  /** Appears only when whole; nothing else is left behind. */
  readonly outputPath: string;
  readonly model: Model;
  readonly format: OutputFormat;
  readonly background: MatteBackground;
  /** Accepted and not understood: the outcome carries the warning `text_prompt_ignored`. */
  readonly prompt?: string;
  readonly composition?: Composition;
  /** Only so much from the beginning. */
  readonly previewSeconds?: number;
  /** Overrides every built-in way of telling subject from background. */
  readonly learned?: LearnedModel;
  readonly tools: FfmpegTools;
}

/** How a shot of the clip was worked. */
export interface ShotReport {
  /** From the clip's beginning; the end is exclusive. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly engine: EngineName;
  /** 0..1; never proof, see each engine. Absent with a learned model, which gives none. */
  readonly confidence?: number;
  readonly warnings: readonly string[];
}

/** How it went. */
export type MatteOutcome =
  | {
      readonly ok: true;
      /** Those of the shots, each once, in the order they come up, joined by `+`. */
      readonly engine: string;
      /** The lowest of the shots'. Absent with a learned model, which gives none. */
      readonly confidence?: number;
      /** About the whole clip, and all of the shots'. */
      readonly warnings: readonly string[];
      readonly shots: readonly ShotReport[];
      readonly durationSeconds: number;
      readonly frames: number;
    }
  | {
      readonly ok: false;
      readonly code:
        'sandbox_no_confident_matte' | 'sandbox_unreadable_input' | 'sandbox_engine_failed';
      readonly reason: string;
    };

export interface MatteContext {
  readonly signal: AbortSignal;
  /** 0..1, never falling. */
  readonly onProgress: (fraction: number) => void;
  /** To matte on; on the caller's thread when missing. The output is the same, byte by byte. */
  readonly threads?: Threads;
}
