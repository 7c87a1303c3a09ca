/** Content types of what the sandbox stores and serves, by extension. */
export const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.avi': 'video/x-msvideo',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.zip': 'application/zip',
};

/** What can be uploaded as a clip (vendor page: uploads). */
export const VIDEO_EXTENSIONS: readonly string[] = ['.mp4', '.mov', '.webm', '.avi'];

/** What can stand behind a subject. */
export const IMAGE_EXTENSIONS: readonly string[] = ['.png', '.jpg', '.webp'];

/** The extension of a content type, among the ones given. */
export function extensionOf(contentType: string, among: readonly string[]): string | undefined {
  return among.find((extension) => CONTENT_TYPES[extension] === contentType);
}
