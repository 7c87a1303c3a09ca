import { z } from 'zod';

import { amount, choice, flag, word, type Knob } from './knob.ts';

/** A status as it may come: a word, or what no client expects. */
const anyStatus: Knob<string | number | null> = {
  schema: z.union([z.string(), z.number(), z.null()]),
  values: 'any word, a number or null',
  default: 'processing',
  reason: 'C6: the pages disagree on the words, so others may exist',
};

/** How jobs, lists, errors and totals look in answers. */
export const ANSWER_KNOBS = {
  idField: choice(['id', 'job_id', 'both'], 'id', 'C5: field tables say id, prose says job_id'),
  draftWord: word('created', 'C6: a draft is `created` (workflow) or `pending` (job status)'),
  queuedWord: word('processing', 'C6: `pending` may mean accepted and waiting for a slot'),
  processingWord: anyStatus,
  completedWord: word('completed', 'C6: status words of a job'),
  failedWord: word('failed', 'C6: status words of a job'),
  createStatus: {
    schema: z.union([z.literal(200), z.literal(201), z.literal(202)]),
    values: '200 | 201 | 202',
    default: 200,
    reason: 'a.2: only 200 is ever named; 201 and 202 are usual',
  } as Knob<200 | 201 | 202>,
  echoMetadata: flag(true, 'N17: only the SDKs know `metadata`; whether a job shows it is open'),
  listMetadata: flag(true, 'N17: an item of the list may leave out what the job itself shows'),
  listOutputUrl: flag(true, 'N11: an item of the list may leave out where the output is'),
  creditsOnJob: flag(false, 'N2: no field for the credits that a job used is documented'),
  nullOutputMs: amount(
    'milliseconds',
    0,
    'a.5: output_url is "set when completed"; it may follow later than the word',
  ),
  jobErrorShape: choice(
    ['string', 'object'],
    'string',
    'C13: a job error is a plain string, an HTTP error an object; N18: no code list',
  ),
  downloadField: choice(
    ['download_url', 'output_url', 'both'],
    'download_url',
    'C12: job says output_url, download says download_url',
  ),
  listShape: choice(
    ['items', 'jobs', 'data', 'array'],
    'items',
    'N11, N12: no list is shown on any page; the admin list in the Python SDK has `items`',
  ),
  listTotal: flag(true, 'N11: whether a page says how many there are'),
  listPageCap: amount('entries', 100, 'N11: the largest page is not documented', {
    least: 1,
    whole: true,
  }),
  listOrder: choice(['newest_first', 'oldest_first'], 'newest_first', 'N11: no order is stated'),
  listLagMs: amount('milliseconds', 0, 'N11: a list may be a replica that lags behind the jobs'),
  errorShape: choice(
    ['envelope', 'top_level'],
    'envelope',
    'C13: the Python SDK also reads a top-level message',
  ),
  notFoundCode: word('not_found', 'C13: the page prints "Job not found" in its code column'),
  validationDetails: flag(false, 'N16: the format of validation errors is not documented'),
  requestIdHeader: flag(false, 'N15: request_id is documented in the error body only'),
  usageShape: choice(
    ['totals', 'nested', 'daily'],
    'totals',
    'C15: totals at the top (a template), in a `totals` object, or daily figures alone',
  ),
  usageOutOfRange: choice(
    ['refused', 'clamped'],
    'refused',
    'N12: what a number of days beyond 1..90 gets is not documented',
  ),
  usageDayOffsetHours: {
    schema: z.number().min(-14).max(14),
    values: 'hours east of UTC, -14 to 14',
    default: 0,
    reason: 'N12: the time zone of a usage day is not documented',
  } satisfies Knob<number>,
  pricingShape: choice(
    ['numbers', 'objects'],
    'numbers',
    'N21: the shape inside model_pricing_credits_per_minute is not documented',
  ),
  healthShape: choice(['json', 'text'], 'json', 'N21: the answer of /health is not documented'),
  cors: flag(false, 'N23: whether browsers on other origins may call is not documented'),
} as const;
