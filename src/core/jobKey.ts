import { createHash } from 'node:crypto';

import type { JobSettings } from './settings.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * Names a piece of work by what it is, so that the same bytes with the same settings are paid once
 * whatever the file is called and wherever it lies.
 *
 * @param scope the account space: jobs of the sandbox never stand for jobs of the service
 * @param sourceSha256 hex digest of the clip's bytes
 * @param generation which paid attempt, from 1
 * @returns 26 lower-case base32 characters (130 bits)
 */
export function jobKey(
  scope: string,
  sourceSha256: string,
  settings: JobSettings,
  generation = 1,
): string {
  const attempt = generation === 1 ? [] : [generation];
  const identity = JSON.stringify([scope, sourceSha256, canonicalSettings(settings), ...attempt]);
  const digest = createHash('sha256').update(identity).digest();
  let key = '';
  let bits = 0;
  let value = 0;
  for (const byte of digest) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5 && key.length < 26) {
      bits -= 5;
      key += BASE32.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return key;
}

/** The settings with their members in one order, so that equal settings have equal text. */
function canonicalSettings(settings: JobSettings): unknown {
  const { model, format, background, prompt, composition } = settings;
  const { canvas, foreground } = composition ?? {};
  return [
    ...[model, format, canonicalBackground(background), prompt ?? null],
    ...(foreground === undefined
      ? []
      : [
          canvas === undefined ? null : [canvas.width, canvas.height],
          [foreground.anchor, foreground.scale, foreground.offset.x, foreground.offset.y],
        ]),
  ];
}

function canonicalBackground(background: JobSettings['background']): unknown {
  switch (background.type) {
    case 'transparent':
      return ['transparent'];
    case 'color':
      return ['color', ...background.rgb];
    case 'image':
      return ['image', background.url];
  }
}

/** The first 12 hex digits of a key's SHA-256: tells keys apart without revealing one. */
export function keyFingerprint(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 12);
}
