import type { Ledger } from '../../src/ledger/ledger.ts';

/** Counts and times the durable writes of a ledger: each waits for the disk. */
export interface Stopwatch {
  around(ledger: Ledger): Ledger;
  writes(): number;
  ms(): number;
}

export function createStopwatch(): Stopwatch {
  let writes = 0;
  let ms = 0;
  const timed =
    <Given extends readonly unknown[], Result>(call: (...given: Given) => Result) =>
    (...given: Given): Result => {
      const begun = performance.now();
      try {
        return call(...given);
      } finally {
        writes += 1;
        ms += performance.now() - begun;
      }
    };
  return {
    around: (ledger) => ({
      ...ledger,
      setClipKey: timed(ledger.setClipKey),
      storeHash: timed(ledger.storeHash),
      ensureJob: timed(ledger.ensureJob),
      claim: timed(ledger.claim),
      append: timed(ledger.append),
      setFact: timed(ledger.setFact),
      recordDelivery: timed(ledger.recordDelivery),
      setClipOutcome: timed(ledger.setClipOutcome),
    }),
    writes: () => writes,
    ms: () => ms,
  };
}
