import { RbgvError } from '../core/errors.ts';
import type { ServiceTime } from '../sandbox/simulatedWork.ts';

/**
 * Reads what a person typed after `--simulate`.
 *
 * @throws RbgvError `bad_service_time`
 */
export function parseServiceTime(text: string): ServiceTime {
  const [type = '', numbers = ''] = text.split(':');
  const [first = NaN, second = NaN] = numbers.split(',').map(Number);
  if (type === 'fixed' && first >= 0) return { type: 'fixed', seconds: first };
  if (type === 'per-second' && first >= 0) return { type: 'per_second', factor: first };
  if (type === 'lognormal' && first > 0 && second >= 0) {
    return { type: 'lognormal', medianSeconds: first, sigma: second };
  }
  throw new RbgvError('usage', 'bad_service_time', `\`${text}\` is no service time`, {
    hint: 'fixed:3 (seconds), lognormal:10,0.5 (median, sigma), or per-second:0.5',
  });
}
