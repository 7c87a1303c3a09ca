import type { JobView } from './jobView.ts';

/** What a look at a job says about whether its paid start has happened. */
export type StartEvidence = 'started' | 'not_started' | 'unclear';

const STARTED_WORDS: ReadonlySet<string> = new Set(['processing', 'completed', 'failed']);

/** Its values are documented nowhere; any other word is a reason to doubt, not to believe. */
const CHARGED_WORDS: ReadonlySet<string> = new Set(['charged', 'billed', 'paid']);

/**
 * Decides whether a job has been started. Fails towards "possibly started": only a job that wears
 * the very word that this server gives to fresh drafts, and shows no trace of billing, counts as
 * not started. (Status words differ between the vendor's pages: job status, workflow.)
 *
 * @param draftWord the word learned from this server's first draft; `undefined` when not yet known
 */
export function startEvidence(view: JobView, draftWord: string | undefined): StartEvidence {
  if (view.status !== undefined && STARTED_WORDS.has(view.status) && view.status !== draftWord) {
    return 'started';
  }
  if (view.billingStatus !== undefined && CHARGED_WORDS.has(view.billingStatus.toLowerCase())) {
    return 'started';
  }
  if ((view.progress ?? 0) > 0 || view.sawStartedEvent) return 'started';
  const looksUntouched = draftWord !== undefined && view.status === draftWord;
  return looksUntouched && view.billingStatus === undefined ? 'not_started' : 'unclear';
}

const NOT_CHARGED_WORDS: ReadonlySet<string> = new Set(['refunded', 'not_charged', 'uncharged']);

/** Whether a failed job's `billing_status` says, as far as plausible, that it cost nothing. */
export function saysNotCharged(billingStatus: string | undefined): boolean {
  return billingStatus !== undefined && NOT_CHARGED_WORDS.has(billingStatus.toLowerCase());
}
