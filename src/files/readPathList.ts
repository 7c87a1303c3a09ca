/**
 * Reads a list of paths, as `find` prints them: one a line, or separated by NUL (`find -print0`)
 * when the list contains a NUL. Empty entries are dropped; nothing else is trimmed, for names may
 * begin or end with spaces.
 */
export async function readPathList(
  stream: AsyncIterable<Uint8Array | string>,
): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk));
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  const paths = text.includes('\0') ? text.split('\0') : text.split(/\r?\n/);
  return paths.filter((path) => path !== '');
}
