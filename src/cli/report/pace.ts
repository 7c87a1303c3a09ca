import { PHASES, type LiveState } from './liveState.ts';

/** How fast a run goes, at one moment. */
export interface Pace {
  readonly elapsedMs: number;
  /** `undefined` while nobody can tell. */
  readonly leftMs: number | undefined;
  readonly clipsPerMinute: number;
  readonly sentPerSecond: number;
  readonly receivedPerSecond: number;
}

interface Sample {
  readonly at: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Rates are those of the last seconds: what a person sees is what happens now. */
const WINDOW_MS = 5_000;
const SAMPLE_MS = 500;
/** A forecast from less than this is a guess. */
const LEAST_MS = 5_000;
const LEAST_SHARE = 0.01;

/** Measures a run; `measure` is called for each frame. */
export function createPaceMeter(): { measure(state: LiveState, now: number): Pace } {
  let samples: readonly Sample[] = [];
  return {
    measure(state, now) {
      const { sentBytes, receivedBytes } = state;
      const latest = samples.at(-1);
      if (latest === undefined || now - latest.at >= SAMPLE_MS) {
        const recent = samples.filter(({ at }) => now - at <= WINDOW_MS);
        samples = [...recent, { at: now, sentBytes, receivedBytes }];
      }
      const [first] = samples;
      const seconds = Math.max(SAMPLE_MS, now - (first?.at ?? now)) / 1000;
      const elapsedMs = now - state.begunAt;
      const worked = state.ended.done + state.ended.failed;
      return {
        elapsedMs,
        leftMs: forecast(state, elapsedMs),
        clipsPerMinute: elapsedMs < LEAST_MS ? 0 : worked / (elapsedMs / 60_000),
        sentPerSecond: (sentBytes - (first?.sentBytes ?? 0)) / seconds,
        receivedPerSecond: (receivedBytes - (first?.receivedBytes ?? 0)) / seconds,
      };
    },
  };
}

/** By seconds of video: what is left goes as fast as what was done, clips at work counted in part. */
function forecast(state: LiveState, elapsedMs: number): number | undefined {
  const { work, active, doneSeconds, reusedSeconds } = state;
  const total = work.seconds - reusedSeconds;
  const begun = [...active.values()].reduce((sum, { relativePath, phase, fraction = 0 }) => {
    const steps = (PHASES.indexOf(phase) + fraction) / PHASES.length;
    return sum + (work.clips.get(relativePath)?.seconds ?? 0) * Math.min(1, steps);
  }, 0);
  const done = doneSeconds + begun;
  if (elapsedMs < LEAST_MS || total <= 0 || done / total < LEAST_SHARE) return undefined;
  return (elapsedMs * Math.max(0, total - done)) / done;
}
