import { amount, choice, flag, limit } from './knob.ts';

/** What the service accepts, refuses or reads differently in a request. */
export const REQUEST_KNOBS = {
  defaultBackground: choice(
    ['transparent', 'green'],
    'transparent',
    'C1: create job says transparent, the SDKs and the list page say green',
  ),
  bgTypes: choice(
    ['all', 'names', 'kinds'],
    'all',
    'C2: names (transparent green white black blue custom) on create job, kinds (transparent color image) in the guides',
  ),
  colorRange: choice(
    ['normalised', '8bit', 'either'],
    'normalised',
    'C3: "RGB array" on create job, 0..1 in the colour guide',
  ),
  backgroundStyle: choice(
    ['both', 'flat', 'nested'],
    'both',
    'C4: pages use bg_type or background; the style not spoken is ignored, both in contradiction is 400',
  ),
  requiredFields: choice(
    ['video_url', 'guide'],
    'video_url',
    'C7: the guide also requires model, output_format and a background',
  ),
  unknownFields: choice(['ignored', 'refused'], 'ignored', 'N17: no policy is stated'),
  draftFlag: choice(
    ['honoured', 'ignored'],
    'honoured',
    'a.2: auto_start:false makes a draft; a server that ignores it charges at once',
  ),
  promptForOtherModels: choice(
    ['ignored', 'refused'],
    'ignored',
    'a.3: text_prompt works with pro only; what another model does with it is open',
  ),
  promptMaxLength: limit('characters', 'N17: no length is stated'),
  transparentMp4: choice(
    ['refused', 'flattened'],
    'refused',
    'a.4: mp4 carries no alpha; refused, or delivered on white',
  ),
  compositionOnCreate: choice(
    ['accepted', 'ignored'],
    'accepted',
    'a.2: composition is documented for start only',
  ),
  webhookOnStart: choice(
    ['accepted', 'ignored'],
    'accepted',
    'C16: the start page omits webhook_url, the SDKs send it',
  ),
  idempotencyKey: choice(
    ['ignored', 'honoured'],
    'ignored',
    'N3: no idempotency header is documented; honoured means for create',
  ),
  acceptImageUploads: flag(
    true,
    'C17: the image guide uploads images, the upload page lists video',
  ),
  uploadLimitBytes: amount(
    'bytes',
    500_000_000,
    'N8: "500MB" is 500,000,000 or, if MiB, 524,288,000',
    { least: 1 },
  ),
  maxDurationSeconds: limit('seconds of video', 'N8: no longest clip is stated'),
  allowFetch: flag(false, 'N22: an external video_url may be fetched; how is not documented'),
  allowLoopbackFetch: flag(
    false,
    'N22: private addresses are never fetched; this one is for tests',
  ),
  fetchLimitBytes: amount('bytes', 500_000_000, 'N22: no size is stated', { least: 1 }),
  legacyEndpoints: flag(true, 'C11: /api/upload and /api/process are kept "for compatibility"'),
  adminAuth: choice(
    ['token', 'token_and_key'],
    'token',
    'C10: authentication says every /v1 path needs X-Api-Key, the SDKs send X-Admin-Token',
  ),
} as const;
