/** What is known of the rate that one API key may be used at. Times are milliseconds of one clock. */
export interface RateState {
  readonly perSecond: number;
  /** Requests that may go at once; below 0 when so many have been promised a later moment. */
  readonly tokens: number;
  readonly filledAt: number;
  /**
   * Something was refused: requests go out evenly from then on, because what was refused may have
   * been how many came at once.
   */
  readonly isEven: boolean;
  /** Nobody sends between these. */
  readonly heldFrom: number;
  readonly heldUntil: number;
  /** When somebody last had to wait for a token. */
  readonly scarceAt: number;
  readonly acceptedAt: number;
  /** Since the last refusal: seconds in which there was more to send, and what was let in in them. */
  readonly seconds: number;
  readonly accepted: number;
  /** What the last refusal of an even rate taught; `undefined` before the first one. */
  readonly ceiling: Ceiling | undefined;
  /** What was let in a second between the last two refusals that lay far apart. */
  readonly sustained: number | undefined;
}

interface Ceiling {
  readonly perSecond: number;
  readonly cutTo: number;
  /** After so many seconds the rate is at it, and looks beyond. */
  readonly afterSeconds: number;
}

const FIRST_PER_SECOND = 2;
const LEAST_PER_SECOND = 0.2;
const MOST_PER_SECOND = 50;
/** What is left of a rate that was refused once in a while: the limit is right below. */
const CUT = 0.94;
/** And where it is looked for then. */
const NEAR = 0.985;
/** The same when it is refused again at once: what was let in meanwhile decides between these. */
const LEAST_LEFT = 0.5;
const MOST_LEFT = 0.8;
const AT_ONCE_SECONDS = 15;
/** Of what was let in for long: a limit that takes many at once is that, not what was refused. */
const SAFE = 0.98;
/** A limit is tried again after so many requests, within these seconds. */
const REQUESTS_BETWEEN = 90;
const SOONEST_SECONDS = 40;
const LATEST_SECONDS = 90;
/** Beyond the ceiling: a little, and twice as much every so many seconds. */
const FIRST_BEYOND = 0.02;
const DOUBLING_SECONDS = 4;
/** Who has not waited for a token lately learns nothing from being let in. */
const SCARCE_FOR_MS = 2_000;
/** What JSON leaves out while it is not known. */
const OPTIONAL: ReadonlySet<string> = new Set(['ceiling', 'sustained']);
const CLOCK_SLACK_MS = 1_000;
/** No Retry-After is kept to for longer. */
const LONGEST_HOLD_MS = 86_400_000;
const LONGEST_STEP_MS = 5_000;

/** Before any moment that a clock tells; a number that JSON knows. */
const LONG_AGO = -1e15;

export function freshRate(now: number): RateState {
  return {
    perSecond: FIRST_PER_SECOND,
    tokens: FIRST_PER_SECOND,
    filledAt: now,
    isEven: false,
    heldFrom: LONG_AGO,
    heldUntil: LONG_AGO,
    scarceAt: LONG_AGO,
    acceptedAt: LONG_AGO,
    seconds: 0,
    accepted: 0,
    ceiling: undefined,
    sustained: undefined,
  };
}

/**
 * Whether a state that was read from a file can be gone on with: all there, and of this clock. One
 * that is behind what was written down was started anew with its machine.
 */
export function isUsable(state: RateState, now: number): boolean {
  const { ceiling, sustained: _, isEven: __, ...numbers } = state;
  const known = Object.keys(freshRate(now)).every((key) => key in state || OPTIONAL.has(key));
  const isWhole = Object.values({ ...numbers, ...ceiling }).every(Number.isFinite);
  const isOfNow =
    state.filledAt <= now + CLOCK_SLACK_MS && state.heldUntil <= now + LONGEST_HOLD_MS;
  return known && isWhole && isOfNow;
}

/** Promises one request a moment to go: at `goAt`, unless it is held back meanwhile. */
export function takeToken(state: RateState, now: number): RateState & { readonly goAt: number } {
  const burst = state.isEven ? 1 : Math.max(1, state.perSecond);
  const from = Math.max(now, state.heldUntil);
  const passed = Math.max(0, from - Math.max(state.filledAt, state.heldUntil));
  const tokens = Math.min(burst, state.tokens + (passed / 1000) * state.perSecond) - 1;
  const goAt = from + Math.max(0, (-tokens / state.perSecond) * 1000);
  return { ...state, tokens, filledAt: now, scarceAt: goAt > now ? now : state.scarceAt, goAt };
}

/** A request was let in: the rate grows, if there was more to send. */
export function afterAccepted(state: RateState, now: number): RateState {
  const sinceLast = Math.max(0, now - state.acceptedAt);
  if (now - state.scarceAt > SCARCE_FOR_MS)
    return { ...state, acceptedAt: Math.max(now, state.acceptedAt) };
  const seconds = state.seconds + Math.min(sinceLast, LONGEST_STEP_MS) / 1000;
  const { ceiling } = state;
  const wanted = ceiling === undefined ? state.perSecond + 1 : grown(ceiling, seconds);
  const perSecond = Math.min(MOST_PER_SECOND, wanted);
  return {
    ...state,
    acceptedAt: Math.max(now, state.acceptedAt),
    seconds,
    accepted: state.accepted + 1,
    perSecond,
  };
}

/**
 * A request that was sent at a time was refused: nobody sends for as long as is given, and the rate
 * falls. Requests that go out evenly are refused because of their rate, and of one of two kinds:
 *
 * - Once in a while, because the rate had grown to the limit and a little beyond. It falls by a few
 *   hundredths, and comes back to right below as TCP's CUBIC does (RFC 9438), long about there.
 * - Again at once: the limit is lower. One that takes many at once had let the rate grow far beyond
 *   it; then what was let in for long is the limit. Else it has fallen, or was never known: the
 *   rate falls by a fifth to a half, as what was let in meanwhile says.
 *
 * After some time below the ceiling the rate looks beyond it, ever faster, so that a limit that has
 * risen is found as well. Machines with one key share a limit that way without knowing of each
 * other, as long as it takes a few requests at once.
 */
export function afterRefused(
  state: RateState,
  now: number,
  sentAt: number,
  holdMs: number,
): RateState {
  const heldUntil = Math.max(state.heldUntil, now + holdMs);
  // It was under way when others were refused: the same event, which cuts no deeper.
  if (sentAt < state.heldFrom) return { ...state, heldUntil };
  const { perSecond: refused, seconds, accepted, ceiling, sustained, isEven } = state;
  const isRare = ceiling !== undefined && seconds >= AT_ONCE_SECONDS;
  // What the server asked to wait for is there then, unless it says so again and again.
  const rest = {
    ...state,
    isEven: true,
    heldFrom: now,
    heldUntil,
    acceptedAt: heldUntil,
    tokens: accepted > 0 ? 1 : 0,
    filledAt: now,
  };
  const next = (to: number, known: number, keep?: number): RateState => {
    const cutTo = Math.max(LEAST_PER_SECOND, to);
    const between = REQUESTS_BETWEEN / known;
    const afterSeconds =
      accepted === 0 ? 0 : Math.min(LATEST_SECONDS, Math.max(SOONEST_SECONDS, between));
    const learned = { perSecond: Math.max(cutTo, known), cutTo, afterSeconds };
    return {
      ...rest,
      perSecond: cutTo,
      ceiling: learned,
      sustained: keep,
      seconds: 0,
      accepted: 0,
    };
  };
  if (!isEven) {
    const perSecond = Math.max(LEAST_PER_SECOND, refused * LEAST_LEFT);
    return { ...rest, perSecond, seconds: 0, accepted: 0 };
  }
  if (isRare) return next(refused * CUT, refused * NEAR, (accepted - 1) / seconds);
  if (sustained !== undefined && sustained < refused) {
    // Low where the rate was long far below the limit.
    const known = Math.max(sustained, refused * LEAST_LEFT);
    return next(known * SAFE, known);
  }
  const meanwhile = seconds > 0 ? accepted / seconds : 0;
  const left = Math.min(MOST_LEFT, Math.max(LEAST_LEFT, meanwhile / refused));
  return next(refused * left, refused);
}

/** The rate so many seconds after a refusal: soon near the ceiling, long below it, then beyond. */
function grown({ perSecond, cutTo, afterSeconds }: Ceiling, seconds: number): number {
  const beyond = seconds - afterSeconds;
  if (beyond < 0) return perSecond - (perSecond - cutTo) * (-beyond / afterSeconds) ** 3;
  return perSecond * (1 + FIRST_BEYOND * (2 ** (beyond / DOUBLING_SECONDS) - 1));
}
