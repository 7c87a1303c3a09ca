import type { MediaInfo } from './clip.ts';
import type { Wishes } from './settings.ts';

/** What a project asks for clips of one kind. All that is given must hold. */
export interface ClipRule {
  readonly match: {
    /** Of the path below the input folder: `*` and `?` within a name, `**` across folders. */
    readonly path?: string | undefined;
    /** Higher than wide, or not. */
    readonly portrait?: boolean | undefined;
    readonly minSeconds?: number | undefined;
    readonly maxSeconds?: number | undefined;
    /** Whether a prompt is given for it. */
    readonly prompt?: boolean | undefined;
  };
  readonly use: Wishes;
}

/** What the first rule that matches a clip asks for. */
export function ruleFor(
  clip: { readonly relativePath: string; readonly media: MediaInfo },
  hasPrompt: boolean,
  rules: readonly ClipRule[],
): Wishes {
  const { width, height, durationUs } = clip.media;
  const seconds = durationUs / 1e6;
  const first = rules.find(
    ({ match: { path, portrait, minSeconds = 0, maxSeconds = Infinity, prompt } }) =>
      (path === undefined || globPattern(path).test(clip.relativePath)) &&
      (portrait === undefined || portrait === height > width) &&
      seconds >= minSeconds &&
      seconds <= maxSeconds &&
      (prompt === undefined || prompt === hasPrompt),
  );
  return first?.use ?? {};
}

/** A pattern without `/` is about the file's name, in whatever folder. */
function globPattern(glob: string): RegExp {
  const anywhere = glob.includes('/') ? glob : `**/${glob}`;
  const body = anywhere.replace(/\*\*\/|\*\*|[*?]|[\\^$.+|()[\]{}]/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${body}$`, 'su');
}
