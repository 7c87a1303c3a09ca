import { z } from 'zod';

import { RbgvError } from '../../core/errors.ts';
import { faultSchema, type Fault } from '../faults.ts';

/** What a fault file says. */
export interface FaultPlan {
  readonly faults: readonly Fault[];
  /** Drives every `probability`. */
  readonly seed: number;
}

const planSchema = z.strictObject({
  seed: z.int().default(1),
  faults: z.array(faultSchema),
});

/**
 * Checks a fault file: a list of faults, or an object with `faults` and a `seed`.
 *
 * @param json the parsed file
 * @throws RbgvError usage `sandbox_faults_invalid`, naming the first entry that is wrong
 */
export function parseFaults(json: unknown): FaultPlan {
  const result = planSchema.safeParse(Array.isArray(json) ? { faults: json } : json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  const message = `fault file${where === '' ? '' : `, \`${where}\``}: ${issue?.message ?? ''}`;
  throw new RbgvError('usage', 'sandbox_faults_invalid', message, {
    hint: 'each fault has an `endpoint`, a `kind` and any of nth, every, from, until, probability, job, times',
    cause: result.error,
  });
}
