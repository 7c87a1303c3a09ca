import { RbgvError } from '../core/errors.ts';

/**
 * An address for alerts: `https`, or `http` on this machine.
 *
 * @throws RbgvError `bad_alert_url`; the address is not repeated, it may be a secret
 */
export function checkAlertUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) return text;
  throw new RbgvError('usage', 'bad_alert_url', 'the address for alerts is refused', {
    hint: 'only https is allowed, and http on this machine',
  });
}
