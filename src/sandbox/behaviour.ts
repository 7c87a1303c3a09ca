import { ANSWER_KNOBS } from './behaviour/answerKnobs.ts';
import { BILLING_KNOBS } from './behaviour/billingKnobs.ts';
import { FILE_KNOBS } from './behaviour/fileKnobs.ts';
import type { Knob } from './behaviour/knob.ts';
import { REQUEST_KNOBS } from './behaviour/requestKnobs.ts';
import { TRAFFIC_KNOBS } from './behaviour/trafficKnobs.ts';
import { WEBHOOK_KNOBS } from './behaviour/webhookKnobs.ts';

/**
 * Everything about the service that its pages leave open or contradict, one knob each; a client
 * must be safe at every value.
 */
export const KNOBS = {
  ...ANSWER_KNOBS,
  ...REQUEST_KNOBS,
  ...BILLING_KNOBS,
  ...TRAFFIC_KNOBS,
  ...FILE_KNOBS,
  ...WEBHOOK_KNOBS,
} as const;

type ValueOf<Entry> = Entry extends Knob<infer Value> ? Value : never;

/** A value for each knob. */
export type Behaviour = { readonly [Name in keyof typeof KNOBS]: ValueOf<(typeof KNOBS)[Name]> };

export const DEFAULT_BEHAVIOUR = Object.fromEntries(
  Object.entries(KNOBS).map(([name, knob]) => [name, knob.default]),
) as unknown as Behaviour;
