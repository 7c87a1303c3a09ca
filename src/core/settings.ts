import type { Background } from './background.ts';
import type { Composition } from './composition.ts';
import { jobKey } from './jobKey.ts';
import type { Model, OutputFormat } from './model.ts';

/** What a person asked for, in words and as far as they said anything. */
export interface Wishes {
  readonly model?: Model | undefined;
  readonly format?: OutputFormat | undefined;
  /** `transparent`, the name or digits of a colour, or a URL. */
  readonly background?: string | undefined;
  readonly prompt?: string | undefined;
}

/** What the service is asked to do with a clip: everything that changes its bytes or its price. */
export interface JobSettings {
  readonly model: Model;
  readonly format: OutputFormat;
  readonly background: Background;
  /** Only with the `pro` model (vendor page: text prompts). */
  readonly prompt: string | undefined;
  /** Sent with the start (vendor page: start job). */
  readonly composition?: Composition | undefined;
}

/** Whether two clips are asked for the same, whatever order the members were written in. */
export function sameSettings(a: JobSettings, b: JobSettings): boolean {
  return a === b || jobKey('', '', a) === jobKey('', '', b);
}
