import { z } from 'zod';

import { MODELS, type Model } from '../../core/model.ts';
import { amount, choice, errorStatus, flag, limit, type Knob } from './knob.ts';

const creditsPerMinute: Knob<Readonly<Record<Model, number>>> = {
  schema: z.record(z.enum(MODELS), z.number().positive()),
  values: `an object with ${MODELS.join(', ')}`,
  default: { original: 60, light: 45, pro: 180, human: 45 },
  reason: 'vendor page: credits',
};

const billingWord = (standard: string): Knob<string | null> => ({
  schema: z.string().nullable(),
  values: 'any word, or null',
  default: standard,
  reason: 'N6: the values of billing_status are not documented',
});

/** When, how much and whether again. */
export const BILLING_KNOBS = {
  creditsPerMinute,
  rounding: choice(
    ['exact', 'second_up', 'minute_up'],
    'exact',
    'N6: the step to which billed time is rounded up is not documented',
  ),
  minimumCharge: amount('credits', 0, 'N6: no minimum is documented'),
  billedDuration: choice(
    ['input', 'output'],
    'input',
    'N6: "billed video duration" (credits) or "output duration" (job status); output with chargeAt completion only',
  ),
  previewBilling: choice(
    ['preview', 'full', 'free'],
    'preview',
    'N6: what a start with preview_duration bills is not documented',
  ),
  chargeAt: choice(['start', 'completion'], 'start', 'N6: the moment of charge is not documented'),
  refundOnFailure: flag(true, 'N6: whether a failed job gives back its charge is not documented'),
  secondStart: choice(
    ['refused', 'ignored', 'charged_again'],
    'refused',
    'N13: the answer to the start of a started job is not documented',
  ),
  secondStartStatus: errorStatus(409, 'N13: status of a refused second start'),
  failedStart: choice(
    ['as_second_start', 'retried'],
    'as_second_start',
    'C18: failed is terminal, yet "retry by new start flow"; retried charges anew',
  ),
  insufficientStatus: errorStatus(402, 'C14, N4: only the code insufficient_credits is certain'),
  startingCredits: {
    schema: z.number().min(0).nullable(),
    values: 'credits, 0 or more, or null for a key without a meter',
    default: null,
    reason: 'N7: trial credits are not documented',
  } satisfies Knob<number | null>,
  creditExpiryDays: limit('days', 'N7: whether credits expire is not documented'),
  chargedWord: billingWord('charged'),
  refundedWord: billingWord('refunded'),
  packages: {
    schema: z.array(z.looseObject({ name: z.string() })),
    values: 'a list of objects with a name',
    default: [{ name: 'Starter' }, { name: 'Pro' }, { name: 'Business' }],
    reason: 'N7, N21: /api/pricing lists three packages; sizes and prices are not documented',
  } satisfies Knob<readonly { readonly name: string }[]>,
} as const;
