import type { OutputFormat } from '../../core/model.ts';

/** Formats whose alpha can be measured beside the source, half-transparent pixels included. */
export const COMPARABLE_FORMATS = [
  'webm',
  'mov',
  'png_sequence',
] as const satisfies readonly OutputFormat[];
