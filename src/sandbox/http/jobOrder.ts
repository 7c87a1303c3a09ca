import { NAMED_COLORS, type Background } from '../../core/background.ts';
import { ALPHA_FORMATS } from '../../core/model.ts';
import type { Behaviour } from '../behaviour.ts';
import type { JobBackground, JobOrder } from '../jobs/job.ts';
import { invalidRequest } from './apiFailure.ts';
import { defaultBackground, readBackground } from './background.ts';
import type { CreateRequest, StartRequest } from './jobRequest.ts';

/** What turning a request into an order needs. */
export interface OrderRules {
  readonly behaviour: Behaviour;
  /** Brings the image of a background here; its name among the uploads. */
  readonly imageFile: (url: string) => Promise<string>;
}

/**
 * The order of a new job: what its body names, else the documented defaults.
 *
 * @throws ApiFailure 400
 */
export async function newOrder(request: CreateRequest, rules: OrderRules): Promise<JobOrder> {
  const { behaviour } = rules;
  const background =
    readBackground(request, behaviour) ?? defaultBackground(behaviour.defaultBackground);
  const defaults: JobOrder = {
    model: 'original',
    format: 'webm',
    background: await settle(background, rules),
  };
  const { composition, ...rest } = request;
  const isHeard = behaviour.compositionOnCreate === 'accepted' && composition !== undefined;
  return checked(amended(defaults, isHeard ? { ...rest, composition } : rest), behaviour);
}

/**
 * The order of a start: the job's own, with what the body names in its place.
 *
 * @throws ApiFailure 400
 */
export async function amendedOrder(
  order: JobOrder,
  request: StartRequest,
  rules: OrderRules,
): Promise<JobOrder> {
  const { behaviour } = rules;
  const named = readBackground(request, behaviour);
  const background = named && (await settle(named, rules));
  const { webhook_url, ...rest } = request;
  const isHeard = behaviour.webhookOnStart === 'accepted' && webhook_url !== undefined;
  return checked(
    {
      ...amended(order, isHeard ? { ...rest, webhook_url } : rest),
      ...(background === undefined ? {} : { background }),
      ...(request.preview_duration === undefined
        ? {}
        : { previewSeconds: request.preview_duration }),
    },
    behaviour,
  );
}

function amended(order: JobOrder, request: Omit<StartRequest, 'preview_duration'>): JobOrder {
  const { canvas, foreground } = request.composition ?? {};
  return {
    ...order,
    ...(request.model === undefined ? {} : { model: request.model }),
    ...(request.output_format === undefined ? {} : { format: request.output_format }),
    ...(request.text_prompt === undefined ? {} : { prompt: request.text_prompt }),
    ...(request.webhook_url === undefined ? {} : { webhookUrl: request.webhook_url }),
    ...(foreground === undefined
      ? {}
      : { composition: canvas === undefined ? { foreground } : { canvas, foreground } }),
  };
}

/** Refuses or mends what does not go together. */
function checked(order: JobOrder, behaviour: Behaviour): JobOrder {
  if (behaviour.promptForOtherModels === 'refused' && order.prompt && order.model !== 'pro') {
    throw invalidRequest('text_prompt: supported by the pro model only');
  }
  if (behaviour.webhookHttpsOnly && order.webhookUrl?.startsWith('http:')) {
    throw invalidRequest('webhook_url: must be https');
  }
  if (order.background.type !== 'transparent' || ALPHA_FORMATS.has(order.format)) return order;
  if (behaviour.transparentMp4 === 'flattened') {
    return { ...order, background: { type: 'color', rgb: NAMED_COLORS.white } };
  }
  throw invalidRequest(`output_format ${order.format} cannot carry a transparent background`);
}

async function settle(background: Background, rules: OrderRules): Promise<JobBackground> {
  return background.type === 'image'
    ? { type: 'image', fileName: await rules.imageFile(background.url) }
    : background;
}
