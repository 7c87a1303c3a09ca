/** What kind of file the first bytes say it is, whatever its name says. */
export type Container = 'mp4' | 'mov' | 'webm' | 'matroska' | 'avi' | 'gif' | 'webp' | 'zip';

/** Boxes a QuickTime or MP4 file may begin with (ISO/IEC 14496-12; QuickTime File Format). */
const FIRST_BOXES = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);

/** The kind of a file by its first bytes; `undefined` for any other kind. */
export function containerOf(head: Buffer): Container | undefined {
  const firstFour = head.toString('latin1', 0, 4);
  const nextFour = head.toString('latin1', 4, 8);
  const thirdFour = head.toString('latin1', 8, 12);
  if (nextFour === 'ftyp') return thirdFour === 'qt  ' ? 'mov' : 'mp4';
  if (FIRST_BOXES.has(nextFour)) return 'mov';
  if (firstFour === 'RIFF' && thirdFour === 'AVI ') return 'avi';
  if (firstFour === 'RIFF' && thirdFour === 'WEBP') return 'webp';
  if (firstFour === 'GIF8') return 'gif';
  if (firstFour === 'PK\u0003\u0004') return 'zip';
  if (firstFour === '\u001aE\u00df\u00a3') return docTypeOf(head);
  return undefined;
}

/** The DocType element (RFC 8794, 11.2.7) is all that tells WebM from other Matroska files. */
function docTypeOf(head: Buffer): Container {
  const at = head.indexOf('\u0042\u0082', 4, 'latin1');
  const length = (head[at + 2] ?? 0) & 0x7f;
  const docType = at === -1 ? '' : head.toString('latin1', at + 3, at + 3 + length);
  return docType.replace(/\0+$/, '') === 'webm' ? 'webm' : 'matroska';
}
