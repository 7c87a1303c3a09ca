import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { ANCHORS, type Composition } from '../core/composition.ts';
import { RbgvError } from '../core/errors.ts';

const pixels = z.int().min(2).max(8_192);

/** The service's own object (vendor guide: composition), with its defaults left to the reader. */
const composition = z.strictObject({
  canvas: z.strictObject({ width: pixels, height: pixels }).optional(),
  foreground: z
    .strictObject({
      anchor: z.enum(ANCHORS).default('center'),
      scale: z.number().min(0.01).max(10).default(1),
      offset: z.strictObject({ x: z.number().default(0), y: z.number().default(0) }).prefault({}),
    })
    .prefault({}),
});

/**
 * Reads the file named after `--composition`.
 *
 * @throws RbgvError `bad_composition`
 */
export function readComposition(path: string): Composition {
  try {
    const { canvas, foreground } = composition.parse(JSON.parse(readFileSync(path, 'utf8')));
    return canvas === undefined ? { foreground } : { canvas, foreground };
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const reason =
      issue === undefined ? String(error) : `${issue.path.join('.')}: ${issue.message}`;
    throw new RbgvError('usage', 'bad_composition', `\`${path}\` is no composition: ${reason}`, {
      hint: '{"canvas": {"width": 1280, "height": 720}, "foreground": {"anchor": "bottom-center", "scale": 0.8, "offset": {"x": 0, "y": -20}}}',
      cause: error,
    });
  }
}
