import busboy from 'busboy';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';

import { PART_SUFFIX } from '../disk/dataFolder.ts';
import { ApiFailure, invalidRequest } from './apiFailure.ts';
import { extensionOf } from './mediaTypes.ts';

/** Where uploads go and which are taken. */
export interface UploadRules {
  /** Bytes; a file of exactly this size is taken. */
  readonly limitBytes: number;
  readonly extensions: readonly string[];
  /** The path for a file with this extension. */
  readonly pathFor: (extension: string) => string;
}

export interface ReceivedUpload {
  readonly path: string;
  /** As the client called it; never used as a path. */
  readonly originalName: string;
  readonly sizeBytes: number;
}

/**
 * Takes the one file of a multipart body, field `file`, from the socket to the disk with constant
 * memory. The file is whole or absent. A refused body is still read to its end, because a client
 * in the middle of sending would otherwise see a broken connection instead of the answer.
 *
 * @throws ApiFailure 400 for a wrong type, size or form (vendor page: errors)
 */
export async function receiveUpload(
  incoming: IncomingMessage,
  rules: UploadRules,
): Promise<ReceivedUpload> {
  const parser = openParser(incoming, rules.limitBytes);
  let storing: Promise<ReceivedUpload> | undefined;
  parser.on('file', (field, content, info) => {
    if (field !== 'file') {
      content.resume();
      return;
    }
    storing = store(content, info, rules);
    // A full disk ends the parsing; a refusal waits until the body has been read.
    storing.catch((error: unknown) => {
      if (!(error instanceof ApiFailure)) parser.destroy(error as Error);
    });
  });
  incoming.pipe(parser);
  try {
    await Promise.race([finished(parser), brokenOff(incoming)]);
  } catch (error) {
    incoming.unpipe(parser);
    incoming.resume();
    parser.destroy();
    await storing?.catch(() => undefined);
    throw isSystemError(error) ? error : invalidRequest(`multipart body: ${String(error)}`);
  }
  if (storing === undefined) throw invalidRequest('multipart field `file` is missing');
  return storing;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function openParser(incoming: IncomingMessage, limitBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: incoming.headers,
      defParamCharset: 'utf8',
      // One byte more, for the parser calls a file truncated that just reaches its limit.
      limits: { files: 1, fileSize: limitBytes + 1 },
    });
  } catch {
    throw invalidRequest('body must be multipart/form-data');
  }
}

/**
 * Rejects when the connection ends before the body has been read: while it was sent, or with its
 * last bytes still unread, or even before anybody listened.
 */
function brokenOff(incoming: IncomingMessage): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      if (!incoming.readableEnded) reject(new Error('connection lost'));
    };
    if (incoming.closed) end();
    else incoming.once('close', end);
  });
}

async function store(
  content: Readable & { truncated?: boolean },
  info: busboy.FileInfo,
  rules: UploadRules,
): Promise<ReceivedUpload> {
  const extension = acceptedExtension(info, rules.extensions);
  if (extension === undefined) {
    content.resume();
    throw new ApiFailure(400, 'invalid_file_type', 'Invalid file type');
  }
  const path = rules.pathFor(extension);
  const part = createWriteStream(`${path}${PART_SUFFIX}`, { flags: 'wx', flush: true });
  try {
    await pipeline(content, part);
    if (part.bytesWritten > rules.limitBytes) {
      throw new ApiFailure(400, 'file_too_large', 'File too large');
    }
    if (part.bytesWritten === 0) throw invalidRequest('file is empty');
    await rename(`${path}${PART_SUFFIX}`, path);
  } catch (error) {
    await rm(`${path}${PART_SUFFIX}`, { force: true });
    throw error;
  }
  return { path, originalName: info.filename ?? '', sizeBytes: part.bytesWritten };
}

/**
 * The part's own content type decides; where it says nothing (the Python SDK sends none, the Node
 * SDK `application/octet-stream`) the file name's extension does.
 */
function acceptedExtension(info: busboy.FileInfo, accepted: readonly string[]): string | undefined {
  const saysNothing = ['text/plain', 'application/octet-stream'].includes(info.mimeType);
  if (!saysNothing) return extensionOf(info.mimeType, accepted);
  const extension = extname(info.filename ?? '')
    .toLowerCase()
    .replace('.jpeg', '.jpg');
  return accepted.find((candidate) => candidate === extension);
}
