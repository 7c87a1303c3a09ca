import type { ProbedClip } from './clip.ts';
import type { Credits } from './credits.ts';
import type { Model } from './model.ts';

/** Credits a minute for each model, and where the figures come from. */
export interface Tariff {
  readonly perMinute: Readonly<Record<Model, Credits>>;
  readonly source: 'live' | 'cached' | 'built-in';
  /** ISO date-time at which the figures were read from the service, or from its pages. */
  readonly asOf: string;
}

/** What one model may charge for one clip, under each rounding the vendor leaves open. */
export interface CreditRange {
  /** Duration times rate, no rounding of time. The figure shown and summed. */
  readonly exact: Credits;
  /** If each started second is billed. */
  readonly second: Credits;
  /** If each started minute is billed: the worst case. */
  readonly minute: Credits;
}

export interface Estimate {
  readonly clip: ProbedClip;
  readonly byModel: Readonly<Record<Model, CreditRange>>;
}
