import { z } from 'zod';

import type { ClipRule } from '../core/clipRule.ts';
import { MODELS, OUTPUT_FORMATS } from '../core/model.ts';

const seconds = z.number().min(0).max(86_400);

/** One member of a project file's `rules`. */
export const clipRule = z.strictObject({
  match: z.strictObject({
    path: z.string().min(1).max(500).optional(),
    portrait: z.boolean().optional(),
    min_seconds: seconds.optional(),
    max_seconds: seconds.optional(),
    prompt: z.boolean().optional(),
  }),
  use: z.strictObject({
    model: z.enum(MODELS).optional(),
    format: z.enum(OUTPUT_FORMATS).optional(),
    background: z.string().optional(),
    prompt: z.string().optional(),
  }),
});

export function toClipRule({ match, use }: z.infer<typeof clipRule>): ClipRule {
  const { min_seconds: minSeconds, max_seconds: maxSeconds, ...rest } = match;
  return { match: { ...rest, minSeconds, maxSeconds }, use };
}
