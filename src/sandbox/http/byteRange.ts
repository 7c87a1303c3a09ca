/** Bytes `start` to `end`, both included, as in a Content-Range header. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a Range header (RFC 9110, section 14.1.2).
 *
 * @param total length of the whole, bytes
 * @returns `undefined` when there is none, or one that may be ignored: another unit, several
 *   ranges, bad syntax
 */
export function parseRange(
  header: string | null,
  total: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return undefined;
    const length = Math.min(Number(last), total);
    return length === 0 ? 'unsatisfiable' : { start: total - length, end: total - 1 };
  }
  const start = Number(first);
  const end = last === '' ? total - 1 : Math.min(Number(last), total - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= total ? 'unsatisfiable' : { start, end };
}
