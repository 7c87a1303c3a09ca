/** The four models the service sells (vendor page: credits). */
export const MODELS = ['original', 'light', 'pro', 'human'] as const;
export type Model = (typeof MODELS)[number];

/** The six containers a job can be delivered in (vendor page: create job). */
export const OUTPUT_FORMATS = ['webm', 'mov', 'mp4', 'gif', 'webp', 'png_sequence'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** File extension of each output format, with its dot. A PNG sequence travels as one zip. */
export const EXTENSIONS: Readonly<Record<OutputFormat, string>> = {
  webm: '.webm',
  mov: '.mov',
  mp4: '.mp4',
  gif: '.gif',
  webp: '.webp',
  png_sequence: '.zip',
};

/** Formats that can carry an alpha channel; mp4 cannot (vendor page: composition guide). */
export const ALPHA_FORMATS: ReadonlySet<OutputFormat> = new Set([
  'webm',
  'mov',
  'gif',
  'webp',
  'png_sequence',
]);

/** Formats that can carry sound. */
export const AUDIO_FORMATS: ReadonlySet<OutputFormat> = new Set(['webm', 'mov', 'mp4']);
