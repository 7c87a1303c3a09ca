import { z } from 'zod';

/** Doors that answer HTTP calls, as faults and counters name them. */
const HTTP_DOORS = [
  'uploads',
  'create',
  'start',
  'get',
  'list',
  'summary',
  'events',
  'pricing',
  'download',
  'health',
  'input',
  'output',
  'admin',
  'other',
] as const;

/** The sandbox's doors; `work` counts jobs worked, `webhook` counts deliveries. */
export const ENDPOINTS = [...HTTP_DOORS, 'work', 'webhook'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

const count = z.int().min(1);
const milliseconds = z.number().min(0);
/** Whether it strikes before the call took effect, as it does unless told, or after. */
const when = z.enum(['before', 'after']).optional();

/** Which calls are struck: those that meet every condition given; all of them if none is. */
const selector = {
  /** The call of this number, counted for each endpoint from 1; with `job`, among that job's. */
  nth: count.optional(),
  /** Each multiple of this number. */
  every: count.optional(),
  /** From this call on. */
  from: count.optional(),
  /** Up to and including this call. */
  until: count.optional(),
  /** 0 to 1, drawn from the seed and the number of the call: a run can be repeated exactly. */
  probability: z.number().min(0).max(1).optional(),
  /** A job's id, or the how-manieth job of the sandbox it is, from 1. */
  job: z.union([z.string(), count]).optional(),
  /** Strikes at most so often. */
  times: count.optional(),
};

const http = { endpoint: z.enum(HTTP_DOORS), ...selector };
const work = { endpoint: z.literal('work'), ...selector };
const webhook = { endpoint: z.literal('webhook'), ...selector };

/** One entry of a fault script: what goes wrong, and with which calls. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The connection ends; nothing happened. */
  z.strictObject({ kind: z.literal('drop_before'), ...http }),
  /** It happened; the connection ends instead of an answer. */
  z.strictObject({ kind: z.literal('drop_after'), ...http }),
  /** The connection ends at once; it happens later. Not for uploads, whose body never arrives. */
  z.strictObject({
    kind: z.literal('execute_late'),
    ms: milliseconds,
    ...http,
    endpoint: z.enum(HTTP_DOORS).exclude(['uploads']),
  }),
  /** The connection stays open and nothing is ever answered. */
  z.strictObject({ kind: z.literal('half_open'), when, ...http }),
  /** Waits, then goes on; a caller that gave up meanwhile is not asked. */
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds, when, ...http }),
  /** An error answer with the envelope. `code` defaults to the documented one of the status. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    code: z.string().optional(),
    /** Sent as the Retry-After header, as it stands. */
    retryAfter: z.union([z.string(), z.number()]).optional(),
    when,
    ...http,
  }),
  /** The page of a proxy that lost its backend. */
  z.strictObject({ kind: z.literal('html_502'), when, ...http }),
  /** A sign-in page with status 200 in the place of what was asked for. */
  z.strictObject({ kind: z.literal('html_200'), when, ...http }),
  /** It happened; a whole HTTP answer carries the first half of its JSON. */
  z.strictObject({ kind: z.literal('truncated_json'), ...http }),
  /** It happened; these members of its JSON object are replaced: odd words, nulls, wild ids. */
  z.strictObject({
    kind: z.literal('rewrite_json'),
    set: z.record(z.string(), z.unknown()),
    ...http,
  }),
  /** The right head, then this many bytes of the body, then the connection ends. */
  z.strictObject({ kind: z.literal('cut_body_at'), bytes: z.int().min(0), ...http }),
  /** The body comes this many bytes at a time, with a pause after each. */
  z.strictObject({ kind: z.literal('slow_bytes'), bytes: count, ms: milliseconds, ...http }),
  /** Content-Length is off by this many bytes, or missing. */
  z.strictObject({
    kind: z.literal('wrong_length'),
    by: z.union([z.int(), z.literal('missing')]),
    ...http,
  }),
  /** Content-Range starts off by this many bytes. */
  z.strictObject({ kind: z.literal('wrong_range'), by: z.int(), ...http }),
  /** The file was replaced: other bytes, and a new ETag unless told. */
  z.strictObject({
    kind: z.literal('changed_object'),
    etag: z.enum(['new', 'same']).optional(),
    ...http,
  }),
  /** What a content delivery network says of a URL that is too old. */
  z.strictObject({ kind: z.literal('expired_url'), ...http }),
  z.strictObject({
    kind: z.literal('redirect_to'),
    url: z.string(),
    status: z.union([301, 302, 303, 307, 308].map((status) => z.literal(status))).optional(),
    ...http,
  }),
  /** The job is worked for ever. */
  z.strictObject({ kind: z.literal('stuck_job'), ...work }),
  z.strictObject({
    kind: z.literal('failed_job'),
    code: z.string().optional(),
    reason: z.string().optional(),
    ...work,
  }),
  /** An output whose bytes are noise. */
  z.strictObject({ kind: z.literal('corrupt_output'), ...work }),
  /** An output on black where a transparent one was asked for. */
  z.strictObject({ kind: z.literal('opaque_output'), ...work }),
  /** An output of no bytes. */
  z.strictObject({ kind: z.literal('empty_output'), ...work }),
  z.strictObject({ kind: z.literal('bad_signature'), ...webhook }),
  /** Signed as if sent so many seconds ago; 600 unless told. */
  z.strictObject({
    kind: z.literal('old_timestamp'),
    seconds: z.number().positive().optional(),
    ...webhook,
  }),
  /** Delivered twice. */
  z.strictObject({ kind: z.literal('duplicate'), ...webhook }),
  z.strictObject({ kind: z.literal('delayed'), ms: milliseconds, ...webhook }),
  /** Kept back until the job's next event has been delivered. */
  z.strictObject({ kind: z.literal('out_of_order'), ...webhook }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type HttpFault = Extract<Fault, { endpoint: (typeof HTTP_DOORS)[number] }>;
export type WorkFault = Extract<Fault, { endpoint: 'work' }>;
export type WebhookFault = Extract<Fault, { endpoint: 'webhook' }>;
