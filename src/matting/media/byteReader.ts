import type { Readable } from 'node:stream';

/** Reads a stream in pieces of the caller's choosing. */
export interface ByteReader {
  /** The next `count` bytes; fewer, or none, where the stream ends. Valid until the next call. */
  take(count: number): Promise<Buffer>;
  /** Fills `target`. @returns `false` when the stream ended before it was full. */
  fill(target: Uint8Array): Promise<boolean>;
}

export function createByteReader(stream: Readable): ByteReader {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined, undefined>;
  // Begun at once: Node empties the pipe of a program that ends before anybody reads it.
  let ahead = chunks.next();
  ahead.catch(() => undefined);
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const chunk = (await ahead).value;
    rest = chunk ?? Buffer.alloc(0);
    if (chunk === undefined) return false;
    ahead = chunks.next();
    // Observed here because the reader may be done before.
    ahead.catch(() => undefined);
    return true;
  };
  return {
    async take(count) {
      if (rest.length < count) {
        const target = Buffer.alloc(count);
        let filled = 0;
        do {
          const part = rest.subarray(0, count - filled);
          target.set(part, filled);
          filled += part.length;
          rest = rest.subarray(part.length);
        } while (filled < count && (await more()));
        return target.subarray(0, filled);
      }
      const taken = rest.subarray(0, count);
      rest = rest.subarray(count);
      return taken;
    },
    async fill(target) {
      for (let filled = 0; filled < target.length;) {
        if (rest.length === 0 && !(await more())) return false;
        const part = rest.subarray(0, target.length - filled);
        target.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
      return true;
    },
  };
}
