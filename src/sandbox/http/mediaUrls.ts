import { createHash, randomUUID } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';

import { PART_SUFFIX, type DataFolder } from '../disk/dataFolder.ts';
import { fetchExternal } from '../net/fetchExternal.ts';
import { invalidRequest } from './apiFailure.ts';
import type { HttpDeps } from './deps.ts';
import { extensionOf, IMAGE_EXTENSIONS, VIDEO_EXTENSIONS } from './mediaTypes.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const UPLOAD_PATH = /^\/uploads\/([0-9a-f-]{36}(\.[a-z0-9]+))$/;

/** Turns the URLs of a request into files among the uploads. */
export interface MediaUrls {
  /**
   * The clip that a `video_url` names: an uploaded one, or an external one that is fetched now.
   *
   * @returns its name among the uploads
   * @throws ApiFailure 400 when it cannot be had, or is no video
   */
  video(url: string): Promise<string>;
  /**
   * The image of a background: as for a clip, or carried in a `data:` URL, which is stored beside
   * the uploads under a name made from its content.
   *
   * @throws ApiFailure 400 when it cannot be had, or is no image
   */
  image(url: string): Promise<string>;
}

/** @param origin this sandbox's own, as the caller addressed it */
export function createMediaUrls(
  deps: Pick<HttpDeps, 'behaviour' | 'folder' | 'closing'>,
  origin: string,
): MediaUrls {
  const { behaviour, folder, closing } = deps;

  /**
   * The port of an own URL is not compared: an embedded sandbox has another one after each start,
   * and clients keep URLs. The name is a random id, so that a stranger's loopback server is not
   * mistaken for ours.
   */
  async function fileOf(
    field: string,
    text: string,
    extensions: readonly string[],
  ): Promise<string> {
    if (!URL.canParse(text)) throw invalidRequest(`${field} is not a URL`);
    const url = new URL(text);
    const isOurs = LOOPBACK.has(url.hostname) || url.origin === origin;
    const [, name, extension] = UPLOAD_PATH.exec(url.pathname) ?? [];
    if (!isOurs || name === undefined || extension === undefined) {
      return fetched(field, url, extensions);
    }
    if (!extensions.includes(extension)) throw invalidRequest(`${field} is of the wrong type`);
    await access(folder.upload(name)).catch(() => {
      throw invalidRequest(`${field} was not found among the uploads`);
    });
    return name;
  }

  async function fetched(field: string, url: URL, extensions: readonly string[]): Promise<string> {
    if (!behaviour.allowFetch) {
      throw invalidRequest(`${field}: the sandbox fetches nothing; upload the file to /v1/uploads`);
    }
    try {
      const path = await fetchExternal(url, {
        reach: { publicInternet: true, loopback: behaviour.allowLoopbackFetch },
        limitBytes: behaviour.fetchLimitBytes,
        pathFor: (contentType, pathname) => {
          const named = extensions.find((extension) => extension === extname(pathname));
          const extension = extensionOf(contentType, extensions) ?? named;
          return extension && folder.upload(`${randomUUID()}${extension}`);
        },
        signal: closing,
      });
      return basename(path);
    } catch (error) {
      throw invalidRequest(`${field} cannot be fetched: ${(error as Error).message}`);
    }
  }

  return {
    video: (url) => fileOf('video_url', url, VIDEO_EXTENSIONS),
    image: (url) =>
      url.startsWith('data:')
        ? inlineImage(url, folder)
        : fileOf('background image', url, IMAGE_EXTENSIONS),
  };
}

async function inlineImage(url: string, folder: DataFolder): Promise<string> {
  const [, type = '', base64 = ''] = /^data:([a-z/+]+);base64,([A-Za-z0-9+/]+=*)$/.exec(url) ?? [];
  const extension = extensionOf(type, IMAGE_EXTENSIONS);
  if (extension === undefined) {
    throw invalidRequest('background image: a data: URL must hold a base64 PNG, JPEG or WebP');
  }
  const bytes = Buffer.from(base64, 'base64');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const name = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}${extension}`;
  const path = folder.upload(name);
  await writeFile(`${path}${PART_SUFFIX}`, bytes);
  await rename(`${path}${PART_SUFFIX}`, path);
  return name;
}
