import { z } from 'zod';

import { ANCHORS } from '../../core/composition.ts';
import { MODELS, OUTPUT_FORMATS } from '../../core/model.ts';
import type { Behaviour } from '../behaviour.ts';
import { invalidRequest } from './apiFailure.ts';

const pixels = z.int().min(2).max(8_192);

/** Canvas and place of the subject (guide: composition); its limits are the sandbox's own. */
const composition = z.object({
  canvas: z.object({ width: pixels, height: pixels }).optional(),
  foreground: z
    .object({
      anchor: z.enum(ANCHORS).default('center'),
      scale: z.number().min(0.01).max(10).default(1),
      offset: z.object({ x: z.number().default(0), y: z.number().default(0) }).prefault({}),
    })
    .prefault({}),
});

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
  composition: composition.optional(),
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
  status: z.string().optional(),
});

/** Query of `GET /v1/usage/summary` (vendor page: usage). */
export const summaryQuery = z.object({ days: z.coerce.number().int().min(1).max(90).default(7) });

/** Query of `GET /v1/usage/events` (vendor page: usage). */
export const eventsQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

/**
 * Checks a body or a query.
 *
 * @throws ApiFailure 400 naming the first field that is wrong, with all of them as its details
 */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({
    field: path.join('.'),
    message,
  }));
  const { field = '', message = 'invalid' } = details[0] ?? {};
  throw invalidRequest(`${field === '' ? 'body' : field}: ${message}`, details);
}

/**
 * Checks the body of a create or a start under the service's policies for fields that are unknown
 * (N17), required (C7) or too long (N17).
 *
 * @throws ApiFailure 400
 */
export function checkSettings<Schema extends z.ZodObject<typeof settings>>(
  schema: Schema,
  value: unknown,
  behaviour: Pick<Behaviour, 'unknownFields' | 'promptMaxLength'>,
): z.infer<Schema> {
  const body = check(behaviour.unknownFields === 'refused' ? schema.strict() : schema, value);
  const longest = behaviour.promptMaxLength;
  const { text_prompt: prompt } = body as { readonly text_prompt?: string };
  if (longest !== null && prompt !== undefined && prompt.length > longest) {
    throw invalidRequest(`text_prompt: longer than ${String(longest)} characters`);
  }
  return body as z.infer<Schema>;
}

/** @throws ApiFailure 400 when a field is missing that the guide marks as required (C7) */
export function requireGuideFields(body: CreateRequest): void {
  const hasBackground = (body.bg_type ?? body.background) !== undefined;
  const missing = [
    ...(body.model === undefined ? ['model'] : []),
    ...(body.output_format === undefined ? ['output_format'] : []),
    ...(hasBackground ? [] : ['bg_type']),
  ];
  if (missing[0] !== undefined) throw invalidRequest(`${missing[0]}: required`);
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
