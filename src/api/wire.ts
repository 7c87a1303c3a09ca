/**
 * The vendor's JSON, spelled as on the wire. Answers are read leniently: unknown fields pass, a
 * status is any string, and what the pages leave open is optional. snake_case ends in this room.
 */
import { z } from 'zod';

/** Body of `POST /v1/jobs`. rbgv sends every documented setting, so no server default decides. */
export interface CreateJobBody {
  readonly video_url: string;
  readonly model?: string;
  readonly output_format?: string;
  /** transparent, green, white, black, blue, custom or image. */
  readonly bg_type?: string;
  /** Normalised RGB, each 0..1; with `bg_type: custom`. */
  readonly bg_color?: readonly number[];
  /** With `bg_type: image`. */
  readonly bg_image_url?: string;
  /** Nested spelling of the three fields above, used by some pages and by `start`. */
  readonly background?: NestedBackground;
  readonly text_prompt?: string;
  readonly webhook_url?: string;
  readonly auto_start?: boolean;
  /** Only in the SDKs; whether it is echoed is not documented. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface NestedBackground {
  readonly type: string;
  /** `#rrggbb` or normalised RGB. */
  readonly color?: string | readonly number[];
  readonly image_url?: string;
}

const jobId = z.string();

/** Answer of `POST /v1/uploads`. */
export const uploadAnswer = z.looseObject({
  video_url: z.string(),
  video_id: z.string().nullish(),
  filename: z.string().nullish(),
  size: z.number().nullish(),
});

/** Answer of create and start. The id is called `id` or, in some prose, `job_id`. */
export const jobAccepted = z.looseObject({
  id: jobId.nullish(),
  job_id: jobId.nullish(),
  status: z.string().nullish(),
  message: z.string().nullish(),
});
export type JobAccepted = z.infer<typeof jobAccepted>;

/** Answer of `GET /v1/jobs/{id}`, and an item of the list. */
export const jobAnswer = z.looseObject({
  id: jobId.nullish(),
  job_id: jobId.nullish(),
  status: z.unknown(),
  progress: z.number().nullish(),
  output_url: z.string().nullish(),
  error: z.unknown().optional(),
  created_at: z.string().nullish(),
  duration_seconds: z.number().nullish(),
  billing_status: z.unknown().optional(),
  webhook_events: z.unknown().optional(),
  metadata: z.unknown().optional(),
});
export type JobAnswer = z.infer<typeof jobAnswer>;

/** Answer of `GET /v1/jobs`, whose envelope is documented nowhere: the entries, wherever they are. */
export const jobListAnswer = z
  .union([
    z.array(jobAnswer),
    z.looseObject({ items: z.array(jobAnswer) }),
    z.looseObject({ jobs: z.array(jobAnswer) }),
    z.looseObject({ data: z.array(jobAnswer) }),
  ])
  .transform((answer): readonly JobAnswer[] => {
    if (Array.isArray(answer)) return answer;
    if ('items' in answer) return answer.items as readonly JobAnswer[];
    if ('jobs' in answer) return answer.jobs as readonly JobAnswer[];
    return answer.data;
  });

/** Answer of `GET /api/download/{id}`. */
export const downloadAnswer = z.looseObject({
  download_url: z.string().nullish(),
  output_url: z.string().nullish(),
  output_format: z.string().nullish(),
});

/** Answer of `GET /api/pricing`; only the rates are read. */
export const pricingAnswer = z.looseObject({
  model_pricing_credits_per_minute: z.looseObject({
    original: z.number(),
    light: z.number(),
    pro: z.number(),
    human: z.number(),
  }),
});

/** The error envelope of every non-2xx answer. */
export const errorAnswer = z.looseObject({
  error: z.looseObject({
    code: z.string().nullish(),
    message: z.string().nullish(),
    request_id: z.string().nullish(),
  }),
});
