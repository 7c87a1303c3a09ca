import type { Job, WebhookEvent } from '../jobs/job.ts';
import { jobAnswer, type Viewpoint } from './jobAnswer.ts';

/** The body of a webhook, in the shape that this service may use (N10). */
export function webhookBody(job: Job, event: WebhookEvent, view: Viewpoint): string {
  const whole = jobAnswer(job, view);
  const keys = ['id', 'job_id', 'status', 'output_url', 'error'].filter((key) => key in whole);
  const data = Object.fromEntries(keys.map((key) => [key, whole[key]]));
  switch (view.behaviour.webhookBody) {
    case 'event_data':
      return JSON.stringify({ event, data });
    case 'flat':
      return JSON.stringify({ event, ...data });
    case 'job':
      return JSON.stringify(whole);
  }
}
