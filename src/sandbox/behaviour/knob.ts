import { z } from 'zod';

/** One open question about the service: what it may do, and what the sandbox does unless told. */
export interface Knob<Value> {
  readonly schema: z.ZodType<Value>;
  /** The accepted values, for people. */
  readonly values: string;
  readonly default: Value;
  /**
   * Why the question is open: C1..C20 number the conflicts between the vendor's own pages, N1..N24
   * what is documented nowhere; else the page that states the default.
   */
  readonly reason: string;
}

/** One of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  standard: NoInfer<Word>,
  reason: string,
): Knob<Word> {
  return { schema: z.enum(words), values: words.join(' | '), default: standard, reason };
}

/** Yes or no. */
export function flag(standard: boolean, reason: string): Knob<boolean> {
  return { schema: z.boolean(), values: 'true | false', default: standard, reason };
}

/** A number of `unit`, `least` or more. */
export function amount(
  unit: string,
  standard: number,
  reason: string,
  { least = 0, whole = false } = {},
): Knob<number> {
  const schema = whole ? z.int().min(least) : z.number().min(least);
  return { schema, values: `${unit}, ${least} or more`, default: standard, reason };
}

/** A number above 0 of `unit`, or `null` for none; none unless told. */
export function limit(unit: string, reason: string): Knob<number | null> {
  const schema = z.number().positive().nullable();
  return { schema, values: `${unit} above 0, or null for no limit`, default: null, reason };
}

/** The status of an error answer. */
export function errorStatus(standard: number, reason: string): Knob<number> {
  const schema = z.int().min(400).max(599);
  return { schema, values: 'HTTP status, 400 to 599', default: standard, reason };
}

/** Any word at all. */
export function word(standard: string, reason: string): Knob<string> {
  return { schema: z.string(), values: 'any word', default: standard, reason };
}
