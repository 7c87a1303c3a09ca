import { credits } from '../../src/core/credits.ts';
import type { Steadiness } from '../../src/core/steadiness.ts';
import { costRow } from '../../src/report/costs.ts';
import type { ReportedClip, RunReport } from '../../src/report/report.ts';

const STARTED_AT = Date.UTC(2026, 10, 21, 1, 2);

/** A clip that is done and calm, changed by what a test is about. */
export function reportedClip(
  given: Partial<ReportedClip> & { readonly name: string },
): ReportedClip {
  return {
    model: 'human',
    format: 'webm',
    status: 'done',
    code: undefined,
    reason: undefined,
    durationSeconds: 4,
    credits: credits(4),
    jobId: 'job_1f680ab992ce9491eab5301b',
    requestId: 'req_7080d35cf293',
    href: './good.webm',
    spans: [
      { phase: 'upload', fromMs: 0, toMs: 800 },
      { phase: 'processing', fromMs: 900, toMs: 9_000 },
      { phase: 'download', fromMs: 9_000, toMs: 9_700 },
    ],
    steadiness: steadiness(0.01, 0.02),
    ...given,
  };
}

export function steadiness(flicker: number, jump: number): Steadiness {
  const peak = (share: number) => ({ share, frame: 40 });
  return { frameCount: 100, coverage: 0.2, flicker: peak(flicker), jump: peak(jump) };
}

export function reportOf(clips: readonly ReportedClip[]): RunReport {
  return {
    run: {
      id: '20261121-010200-4f1c',
      profile: 'sandbox',
      version: '0.1.0',
      startedAt: STARTED_AT,
      finishedAt: STARTED_AT + 200_000,
    },
    clips,
    costs: [{ by: 'model', rows: [costRow('human', clips)] }],
    comparisons: [],
  };
}

/** Clips that came to different ends; each name tries to break out of the page in its own way. */
export function troubledClips(): readonly ReportedClip[] {
  const nothing = { href: undefined, spans: [], steadiness: undefined, credits: credits(0) };
  return [
    reportedClip({ name: 'studio/</script><script>window.pwned=1</script>.mp4' }),
    reportedClip({
      name: '"><img src=x onerror=window.pwned=1>.mov',
      steadiness: steadiness(0.62, 0.7),
    }),
    reportedClip({ name: 'right\u202etfel.mp4', steadiness: steadiness(0, 0.31) }),
    reportedClip({ name: 'עברית/שלום.mp4', href: undefined, steadiness: undefined }),
    reportedClip({
      ...nothing,
      name: 'a & b\u001b[2J\u0000.mp4',
      status: 'failed',
      code: 'job_failed',
      reason: '<b>no subject</b> (req_8842)',
      credits: credits(4),
    }),
    reportedClip({
      ...nothing,
      name: 'waiting.mp4',
      status: 'pending',
      code: 'credits',
      reason: 'out of credits',
      jobId: undefined,
    }),
    reportedClip({
      ...nothing,
      name: 'notes.txt',
      status: 'rejected',
      code: 'unsupported_type',
      reason: 'not a video',
      jobId: undefined,
    }),
    reportedClip({ ...nothing, name: 'never reached.mp4', status: 'open', jobId: undefined }),
  ];
}
