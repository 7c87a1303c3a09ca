import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** What passes for a PNG where nobody decodes it. */
export function png(text: string): Buffer {
  return Buffer.concat([PNG_SIGNATURE, Buffer.from(text)]);
}

/** A zip of files, in the order given. */
export async function makeZip(
  files: Readonly<Record<string, Buffer>>,
  options: { readonly compress?: boolean; readonly mode?: number } = {},
): Promise<Buffer> {
  const archive = new ZipFile();
  const { compress = false, mode = 0o100644 } = options;
  for (const [name, bytes] of Object.entries(files)) {
    archive.addBuffer(bytes, name, { compress, mode });
  }
  archive.end();
  return buffer(archive.outputStream);
}

/** Where fields stand in a record of a zip's directory (ZIP application note, 4.3.12). */
const FIELDS = { crc: 16, unpackedSize: 24, offset: 42 } as const;
const RECORD_BYTES = 46;

/** The same archive, whose directory tells another number of one of its files. */
export function misstate(
  zip: Buffer,
  name: string,
  field: keyof typeof FIELDS,
  value: number,
): Buffer {
  const record = zip.lastIndexOf(name, undefined, 'latin1') - RECORD_BYTES;
  const copy = Buffer.from(zip);
  copy.writeUInt32LE(value, record + FIELDS[field]);
  return copy;
}
