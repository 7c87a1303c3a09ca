import { NAMED_COLORS, type Background, type Rgb } from '../core/background.ts';
import type { JobSettings } from '../core/settings.ts';
import type { CreateJobBody } from './wire.ts';

/**
 * The body that creates a draft. Everything is said explicitly, because the vendor's pages and its
 * SDKs disagree about the defaults of `auto_start` and `bg_type`.
 */
export function draftBody(
  videoUrl: string,
  settings: JobSettings,
  metadata: Readonly<Record<string, string>>,
  webhookUrl?: string,
): CreateJobBody {
  return {
    video_url: videoUrl,
    model: settings.model,
    output_format: settings.format,
    ...backgroundFields(settings.background),
    ...(settings.prompt === undefined ? {} : { text_prompt: settings.prompt }),
    ...(webhookUrl === undefined ? {} : { webhook_url: webhookUrl }),
    auto_start: false,
    metadata,
  };
}

/**
 * The body that starts a draft. Everything else is the draft's own; a composition is documented for
 * the start alone.
 */
export function startBody({
  composition,
}: Pick<JobSettings, 'composition'>): Pick<JobSettings, 'composition'> {
  return composition === undefined ? {} : { composition };
}

function backgroundFields(
  background: Background,
): Pick<CreateJobBody, 'bg_type' | 'bg_color' | 'bg_image_url'> {
  switch (background.type) {
    case 'transparent':
      return { bg_type: 'transparent' };
    case 'image':
      return { bg_type: 'image', bg_image_url: background.url };
    case 'color': {
      const name = Object.entries(NAMED_COLORS).find(([, rgb]) => sameColor(rgb, background.rgb));
      return name === undefined
        ? { bg_type: 'custom', bg_color: normaliseRgb(background.rgb) }
        : { bg_type: name[0] };
    }
  }
}

function sameColor(a: Rgb, b: Rgb): boolean {
  return a.every((channel, index) => channel === b[index]);
}

/**
 * 8-bit colour to the service's 0..1, cut to three decimals as in its colour guide: #09A246 is
 * [0.035, 0.635, 0.274].
 */
function normaliseRgb(rgb: Rgb): readonly number[] {
  return rgb.map((channel) => Math.floor((channel * 1000) / 255) / 1000);
}
