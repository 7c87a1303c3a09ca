import { z } from 'zod';

import { MODELS, OUTPUT_FORMATS } from '../../core/model.ts';
import { invalidRequest } from './apiFailure.ts';

/** Fields that create and start share (vendor pages: create job, start job, composition). */
const settings = {
  model: z.enum(MODELS).optional(),
  output_format: z.enum(OUTPUT_FORMATS).optional(),
  bg_type: z.string().optional(),
  bg_color: z.array(z.number()).optional(),
  bg_image_url: z.string().optional(),
  background: z
    .object({
      type: z.string(),
      color: z.union([z.string(), z.array(z.number())]).optional(),
      image_url: z.string().optional(),
    })
    .optional(),
  text_prompt: z.string().optional(),
  webhook_url: z.url({ protocol: /^https?$/ }).optional(),
  composition: z.looseObject({}).optional(),
};

/** Body of `POST /v1/jobs`. Only `video_url` is required (C7); unknown fields are ignored. */
export const createRequest = z.object({
  ...settings,
  video_url: z.string(),
  auto_start: z.boolean().default(true),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type CreateRequest = z.infer<typeof createRequest>;

/** Body of `POST /v1/jobs/{id}/start`: what it names replaces what the job has. */
export const startRequest = z.object({
  ...settings,
  preview_duration: z.number().positive().optional(),
});
export type StartRequest = z.infer<typeof startRequest>;

/** Query of `GET /v1/jobs`. The page size is capped elsewhere, as the service's cap is unknown. */
export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).default(20),
  offset: z.coerce.number().int().min(0).default(0),
  status: z.enum(['created', 'pending', 'processing', 'completed', 'failed']).optional(),
});

/** Query of `GET /v1/usage/summary` (vendor page: usage). */
export const summaryQuery = z.object({ days: z.coerce.number().int().min(1).max(90).default(7) });

/** Query of `GET /v1/usage/events` (vendor page: usage). */
export const eventsQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

/**
 * Checks a body or a query.
 *
 * @throws ApiFailure 400 naming the first field that is wrong
 */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw invalidRequest(`${field === '' ? 'body' : field}: ${issue?.message ?? 'invalid'}`);
}

/**
 * Reads a JSON body; an empty one counts as `{}`.
 *
 * @throws ApiFailure 400 when it is not JSON
 */
export async function readJson(request: Pick<Request, 'text'>): Promise<unknown> {
  const text = await request.text();
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw invalidRequest('body is not valid JSON');
  }
}
