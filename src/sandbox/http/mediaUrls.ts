import { createHash } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';

import { PART_SUFFIX, type DataFolder } from '../disk/dataFolder.ts';
import { invalidRequest } from './apiFailure.ts';
import { extensionOf, IMAGE_EXTENSIONS, VIDEO_EXTENSIONS } from './mediaTypes.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const UPLOAD_PATH = /^\/uploads\/([0-9a-f-]{36}(\.[a-z0-9]+))$/;

/**
 * The uploaded clip that a `video_url` names.
 *
 * @param origin this sandbox's own, as the caller addressed it
 * @returns its name among the uploads
 * @throws ApiFailure 400 when it is external, or no uploaded clip
 */
export function uploadedVideo(url: string, origin: string, folder: DataFolder): Promise<string> {
  return uploadedFile('video_url', url, VIDEO_EXTENSIONS, origin, folder);
}

/**
 * The image file that a background's URL names: one uploaded here, or one carried in a `data:` URL,
 * which is stored beside the uploads under a name made from its content.
 *
 * @returns its name among the uploads
 * @throws ApiFailure 400 when it is external, no image, or not stored here
 */
export async function backgroundImage(
  url: string,
  origin: string,
  folder: DataFolder,
): Promise<string> {
  if (!url.startsWith('data:')) {
    return uploadedFile('background image', url, IMAGE_EXTENSIONS, origin, folder);
  }
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

/**
 * The port is not compared: an embedded sandbox has another one after each start, and clients keep
 * URLs. The name is a random id, so that a stranger's loopback server is not mistaken for ours.
 */
async function uploadedFile(
  field: string,
  url: string,
  extensions: readonly string[],
  origin: string,
  folder: DataFolder,
): Promise<string> {
  if (!URL.canParse(url)) throw invalidRequest(`${field} is not a URL`);
  const parsed = new URL(url);
  const isOurs = LOOPBACK.has(parsed.hostname) || parsed.origin === origin;
  const [, name, extension] = UPLOAD_PATH.exec(parsed.pathname) ?? [];
  if (!isOurs || name === undefined || extension === undefined) {
    throw invalidRequest(`${field}: the sandbox fetches nothing; upload the file to /v1/uploads`);
  }
  if (!extensions.includes(extension)) throw invalidRequest(`${field} is of the wrong type`);
  await access(folder.upload(name)).catch(() => {
    throw invalidRequest(`${field} was not found among the uploads`);
  });
  return name;
}
