import type { Frame } from '../grid/frame.ts';
import type { KnownBackground } from '../refine/refine.ts';
import type { SourceInfo } from '../media/probeSource.ts';
import type { Affine } from './camera/affine.ts';
import type { DifferenceGuess } from './difference/subtractor.ts';
import type { ScreenGuess } from './screen/keyer.ts';
import type { SubjectGuess } from './subject/outliner.ts';

/** The ways of telling subject from background. */
export type EngineName = 'screen' | 'difference' | 'subject' | 'learned';

/** What an engine may look at before it decides whether a shot suits it. */
export interface ShotSamples {
  readonly source: SourceInfo;
  /**
   * Up to 48 frames spread evenly over the shot, 4:4:4, at most 240 pixels (`pro`: 320) on the long
   * side.
   */
  readonly small: readonly Frame[];
  /**
   * Decodes `count` frames spread evenly over the shot at full size, 4:2:0. Each is valid until
   * the next.
   */
  readonly spread: (count: number) => AsyncIterable<Frame>;
}

/** An engine that has looked at a shot and knows how to matte it. */
export interface FittedEngine {
  readonly ok: true;
  readonly engine: EngineName;
  /** 0..1, see each engine. */
  readonly confidence: number;
  readonly warnings: readonly string[];
  readonly method: Method;
}

/** How a shot is matted: plain data, so that any thread can do it. */
export interface Method {
  /** Of a trembling camera: as the first frame of the shot saw it. */
  readonly background: KnownBackground;
  readonly guess: ScreenGuess | DifferenceGuess | SubjectGuess;
  /** Before a trembling camera: the small picture, 4:4:4, that frames are aligned to. */
  readonly reference?: Frame;
}

/** What is known of a frame from those before it; the only thing that passes between frames. */
export interface Track {
  /** For each pixel of the shot's first frame its place in this one; absent for a fixed camera. */
  readonly movement?: Affine;
  /** The subject on the small picture of the shot's first frame, 0 or 255. */
  readonly outline?: Uint8Array;
}

/** Why a shot does not suit an engine, as half a sentence for a person. */
export interface Misfit {
  readonly ok: false;
  readonly reason: string;
}

export type Fit = FittedEngine | Misfit;
