import type { Background } from './background.ts';
import type { Composition } from './composition.ts';
import type { Model, OutputFormat } from './model.ts';

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
