import { safeName } from './safeName.ts';

interface Planned {
  readonly folder: string;
  readonly stem: string;
  /** Extension of the source, lower case, with its dot. */
  readonly sourceExtension: string;
}

/**
 * Where each clip's output goes: relative paths with `/`, one for each clip in the order given,
 * mirroring the input tree. Never absolute, never with `..`, valid on Windows, and distinct even on
 * file systems that ignore case or Unicode composition.
 *
 * Clips that differ in their extension alone keep it (`a.mov.webm`, `a.mp4.webm`); those that then
 * still want one name (the same path below two roots) are numbered in the order given (`a-2.webm`).
 *
 * @param extension of the output, with its dot
 */
export function planOutputPaths(
  clips: readonly { readonly relativePath: string }[],
  extension: string,
): readonly string[] {
  const planned = clips.map((clip) => plan(clip.relativePath));
  const sources = new Map<string, Set<string>>();
  for (const item of planned) {
    const key = keyOf(join(item.folder, item.stem));
    sources.set(key, (sources.get(key) ?? new Set()).add(item.sourceExtension));
  }
  const stems = planned.map(({ folder, stem, sourceExtension }) => {
    const path = join(folder, stem);
    return (sources.get(keyOf(path))?.size ?? 0) > 1 ? path + sourceExtension : path;
  });
  return withoutCollisions(stems, planned, extension);
}

/** A name wanted by one clip alone is never taken by a numbered one. */
function withoutCollisions(
  stems: readonly string[],
  planned: readonly Planned[],
  extension: string,
): readonly string[] {
  const taken = new Set(planned.flatMap(({ folder }) => withParents(folder)).map(keyOf));
  // The next number of each name: thousands of clips may want the same one.
  const numbers = new Map<string, number>();
  const wanted = new Set(stems.map((stem) => keyOf(stem + extension)));
  return stems.map((stem) => {
    const plain = stem + extension;
    let path = plain;
    let number = numbers.get(keyOf(stem)) ?? 2;
    for (; isTaken(path) || (path !== plain && wanted.has(keyOf(path))); number++) {
      path = `${stem}-${number}${extension}`;
    }
    numbers.set(keyOf(stem), number);
    taken.add(keyOf(path));
    return path;
  });

  function isTaken(path: string): boolean {
    return taken.has(keyOf(path));
  }
}

function plan(relativePath: string): Planned {
  const parts = relativePath.split('/').filter((part) => !['', '.', '..'].includes(part));
  const fileName = parts.pop() ?? '';
  const dot = fileName.lastIndexOf('.');
  const [stem, sourceExtension] =
    dot > 0 ? [fileName.slice(0, dot), fileName.slice(dot)] : [fileName, ''];
  return {
    folder: parts.map(safeName).join('/'),
    stem: safeName(stem),
    sourceExtension:
      sourceExtension === '' ? '' : `.${safeName(sourceExtension.slice(1))}`.toLowerCase(),
  };
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`: an output may not take a folder's name either. */
function withParents(folder: string): readonly string[] {
  const parts = folder === '' ? [] : folder.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Equal for names that a case-insensitive or composing file system holds to be one. */
function keyOf(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase();
}
