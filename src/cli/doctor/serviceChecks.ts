import { exchangeText } from '../../api/exchange.ts';
import type { Context } from '../context.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const TIMEOUT_MS = 30_000;
/** Signed output addresses and webhooks stop working when the clock is off by minutes. */
const MOST_SKEW_SECONDS = 60;

/** The service answers, its clock and ours agree, the key is good, prices are fresh. */
export async function checkService(context: Context): Promise<readonly Finding[]> {
  const { clock, environment, profile } = context;
  const findings: Finding[] = [];
  if (environment.httpsProxy !== undefined && profile.kind === 'remote') {
    const fix = 'rbgv connects directly and sends nothing to a proxy; allow that, or unset it';
    findings.push(warn('network', 'HTTPS_PROXY is set', fix));
  }
  const service = await context.openService(() => undefined, { idle: true });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { baseUrl, userAgent } = service.connection;
    const begun = clock.monotonic();
    const { status, headers } = await exchangeText(
      {
        method: 'GET',
        url: `${baseUrl}/health`,
        headers: { 'user-agent': userAgent },
        responseTimeoutMs: TIMEOUT_MS,
      },
      signal,
    );
    const tookMs = Math.round(clock.monotonic() - begun);
    const where = profile.kind === 'remote' ? profile.baseUrl : 'the local sandbox';
    findings.push(
      status === 200
        ? ok('service', `${where} answers in ${tookMs} ms`)
        : fail('service', `${where} answers with status ${status}`, 'try again later'),
      ...checkClock(headers.date, clock.now()),
    );
    await service.api.usageSummary(1, signal);
    findings.push(ok('auth', 'the service takes the key'));
    const { source, asOf } = await context.tariff(service, signal);
    const prices = `${source}, as of ${asOf.slice(0, 16).replace('T', ' ')} UTC`;
    findings.push(
      source === 'built-in'
        ? warn('prices', prices, 'the service did not tell; estimates may be out of date')
        : ok('prices', prices),
    );
    return findings;
  } finally {
    await service.close();
  }
}

function checkClock(date: string | undefined, now: number): readonly Finding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  const skew = Math.round((now - theirs) / 1000);
  if (Math.abs(skew) <= MOST_SKEW_SECONDS)
    return [ok('clock', `within ${MOST_SKEW_SECONDS} s of the service's`)];
  const detail = `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the service's`;
  return [warn('clock', detail, 'set the time (Debian: sudo timedatectl set-ntp true)')];
}
