/** The frame of an output at which something about its alpha is worst. */
export interface Peak {
  /** Against the subject's mean area: 0.4 is two fifths of it. 0 when nothing was seen. */
  readonly share: number;
  /** Counted from 0. */
  readonly frame: number;
}

/** How steady the alpha of an output is from frame to frame, seen on a coarse grid. */
export interface Steadiness {
  readonly frameCount: number;
  /** Mean share of the picture that the subject takes, 0..1. */
  readonly coverage: number;
  /** What appears or vanishes for one frame alone, beyond the movement around it. */
  readonly flicker: Peak;
  /** The largest change of the subject's area from one frame to the next. */
  readonly jump: Peak;
}

/** The frame of an output that a person should look at first, and why. */
export function worstFrame({ flicker, jump }: Steadiness): Peak & {
  readonly kind: 'flicker' | 'jump';
} {
  return flicker.share > jump.share / 2
    ? { kind: 'flicker', ...flicker }
    : { kind: 'jump', ...jump };
}
