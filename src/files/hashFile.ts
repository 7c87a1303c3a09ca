import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Large enough to read as fast as it hashes, small enough not to be felt in memory. */
const PIECE_BYTES = 262_144;

/**
 * The SHA-256 of a file's bytes as 64 lower-case hex digits, read piece by piece into the same
 * memory: fresh memory for each keeps the collector busier than the hash is.
 *
 * @throws the file system's error when the file cannot be read
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const memory = Buffer.allocUnsafe(Math.max(1, Math.min(PIECE_BYTES, size)));
    for (;;) {
      const { bytesRead } = await file.read(memory);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(memory.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
