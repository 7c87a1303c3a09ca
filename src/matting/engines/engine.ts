import type { Frame } from '../grid/frame.ts';
import type { KnownBackground } from '../refine/refine.ts';
import type { SourceInfo } from '../media/probeSource.ts';

/** The ways of telling subject from background. */
export type EngineName = 'screen' | 'difference' | 'subject' | 'learned';

/** What an engine may look at before it decides whether the clip suits it. */
export interface ClipSamples {
  readonly source: SourceInfo;
  /** Up to 48 frames spread evenly over the clip, 4:4:4, at most 240 pixels (`pro`: 320) on the long side. */
  readonly small: readonly Frame[];
  /**
   * Decodes `count` frames spread evenly over the clip at full size, 4:2:0. Each is valid until
   * the next.
   */
  readonly spread: (count: number) => AsyncIterable<Frame>;
}

/** An engine that has looked at a clip and can matte it. */
export interface FittedEngine {
  readonly ok: true;
  readonly engine: EngineName;
  /** 0..1, see each engine. */
  readonly confidence: number;
  readonly warnings: readonly string[];
  /** As `prior` has left it: before a moving camera it is drawn anew for each frame. */
  readonly background: KnownBackground;
  /**
   * The first guess for a 4:2:0 frame of the clip's size, on its chroma grid, 0..255; overwritten
   * by the next call. Frames come in order.
   */
  readonly prior: (frame: Frame) => Uint8Array;
}

/** Why a clip does not suit an engine, as half a sentence for a person. */
export interface Misfit {
  readonly ok: false;
  readonly reason: string;
}

export type Fit = FittedEngine | Misfit;
