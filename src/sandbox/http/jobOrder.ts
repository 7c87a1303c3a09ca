import type { Background } from '../../core/background.ts';
import { ALPHA_FORMATS } from '../../core/model.ts';
import type { Behaviour } from '../behaviour.ts';
import type { DataFolder } from '../disk/dataFolder.ts';
import type { JobBackground, JobOrder } from '../jobs/job.ts';
import { invalidRequest } from './apiFailure.ts';
import { defaultBackground, readBackground } from './background.ts';
import type { CreateRequest, StartRequest } from './jobRequest.ts';
import { backgroundImage } from './mediaUrls.ts';

/** Accepted fields that this sandbox stores or drops without acting on them. */
const WITHOUT_EFFECT = ['composition', 'webhook_url'] as const;

/**
 * The order of a new job: what its body names, else the documented defaults.
 *
 * @throws ApiFailure 400
 */
export async function newOrder(
  request: CreateRequest,
  behaviour: Behaviour,
  origin: string,
  folder: DataFolder,
): Promise<JobOrder> {
  const background = readBackground(request) ?? defaultBackground(behaviour.defaultBackground);
  const defaults: JobOrder = {
    model: 'original',
    format: 'webm',
    background: await settle(background, origin, folder),
    withoutEffect: [],
  };
  return checked(amended(defaults, request));
}

/**
 * The order of a start: the job's own, with what the body names in its place.
 *
 * @throws ApiFailure 400
 */
export async function amendedOrder(
  order: JobOrder,
  request: StartRequest,
  origin: string,
  folder: DataFolder,
): Promise<JobOrder> {
  const named = readBackground(request);
  const background = named && (await settle(named, origin, folder));
  return checked({
    ...amended(order, request),
    ...(background === undefined ? {} : { background }),
    ...(request.preview_duration === undefined ? {} : { previewSeconds: request.preview_duration }),
  });
}

function amended(order: JobOrder, request: Omit<StartRequest, 'preview_duration'>): JobOrder {
  const ignored = WITHOUT_EFFECT.filter((field) => request[field] !== undefined);
  return {
    ...order,
    ...(request.model === undefined ? {} : { model: request.model }),
    ...(request.output_format === undefined ? {} : { format: request.output_format }),
    ...(request.text_prompt === undefined ? {} : { prompt: request.text_prompt }),
    ...(request.webhook_url === undefined ? {} : { webhookUrl: request.webhook_url }),
    withoutEffect: [...new Set([...order.withoutEffect, ...ignored])],
  };
}

function checked(order: JobOrder): JobOrder {
  if (order.background.type === 'transparent' && !ALPHA_FORMATS.has(order.format)) {
    throw invalidRequest(`output_format ${order.format} cannot carry a transparent background`);
  }
  return order;
}

async function settle(
  background: Background,
  origin: string,
  folder: DataFolder,
): Promise<JobBackground> {
  return background.type === 'image'
    ? { type: 'image', fileName: await backgroundImage(background.url, origin, folder) }
    : background;
}
