/**
 * What some system forbids in a file name (Microsoft: "Naming files, paths and namespaces"), plus
 * control and bidirectional characters, which would move or reverse a terminal's line.
 */
const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])$/i;

/** Leaves room below the usual 255 for a suffix, an extension and `.part`. */
const LONGEST_BYTES = 200;

/**
 * One part of a path, changed as little as makes it valid on Linux, macOS and Windows: forbidden
 * characters become `_`, reserved names get one in front, trailing dots and spaces go. Never empty,
 * `.` or `..`; at most 200 bytes; NFC.
 */
export function safeName(name: string): string {
  const allowed = cutToBytes(name.normalize('NFC').replace(FORBIDDEN, '_'), LONGEST_BYTES);
  const trimmed = allowed.replace(/[. ]+$/, '');
  if (trimmed === '') return '_';
  return RESERVED.test(stemOf(trimmed)) ? `_${trimmed}` : trimmed;
}

/** Windows reserves `NUL` with any extension, and ignores spaces before the dot. */
function stemOf(name: string): string {
  return (name.split('.', 1)[0] ?? '').trimEnd();
}

function cutToBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let cut = '';
  let size = 0;
  for (const char of text) {
    size += Buffer.byteLength(char);
    if (size > limit) break;
    cut += char;
  }
  return cut;
}
