/** The name under which a clip goes through one of several models: `human/walk.mp4`. */
export function nameWithModel(name: string, model: string): string {
  return `${model}/${name}`;
}

/** The clip's own name. */
export function plainName(clip: { readonly relativePath: string; readonly model: string }): string {
  const prefix = nameWithModel('', clip.model);
  const { relativePath } = clip;
  return relativePath.startsWith(prefix) ? relativePath.slice(prefix.length) : relativePath;
}
