import { RbgvError } from '../../core/errors.ts';
import { KNOBS, type Behaviour } from '../behaviour.ts';
import type { Knob } from './knob.ts';

const LIST_HINT = '`rbgv sandbox --explain` lists every knob with its values';

/**
 * Checks knobs that come from a JSON file.
 *
 * @param json the parsed file: an object of knob names and values
 * @throws RbgvError usage: `sandbox_behaviour_invalid`, `unknown_knob`, `bad_knob_value`
 */
export function parseBehaviour(json: unknown): Partial<Behaviour> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const message = 'a behaviour file must hold one JSON object';
    throw new RbgvError('usage', 'sandbox_behaviour_invalid', message, { hint: LIST_HINT });
  }
  const entries = Object.entries(json).map(([name, value]) => [name, checked(name, value)]);
  return Object.fromEntries(entries) as Partial<Behaviour>;
}

/**
 * Checks knobs that come from the command line.
 *
 * @param flags each `name=value`; a value that is no JSON is taken as a word
 * @throws RbgvError as `parseBehaviour`
 */
export function parseBehaviourFlags(flags: readonly string[]): Partial<Behaviour> {
  const entries = flags.map((text) => {
    const [name = '', ...value] = text.split('=');
    return [name, jsonOrWord(value.join('='))];
  });
  return parseBehaviour(Object.fromEntries(entries));
}

function checked(name: string, value: unknown): unknown {
  if (!Object.hasOwn(KNOBS, name)) {
    const message = `no knob of the sandbox is called \`${name}\``;
    throw new RbgvError('usage', 'unknown_knob', message, { hint: LIST_HINT });
  }
  const knob: Knob<unknown> = KNOBS[name as keyof Behaviour];
  const result = knob.schema.safeParse(value);
  if (result.success) return result.data;
  const message = `knob \`${name}\` cannot be \`${JSON.stringify(value)}\``;
  throw new RbgvError('usage', 'bad_knob_value', message, { hint: `give ${knob.values}` });
}

function jsonOrWord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
