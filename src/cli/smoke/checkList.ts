import type { Clock } from '../../core/clock.ts';

/** What came of one check. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
  readonly milliseconds: number;
}

/** Checks done one after the other; one that fails does not keep the next from being made. */
export interface CheckList {
  readonly results: readonly CheckResult[];
  /** @param work tells what it found; what it throws is why the check failed */
  readonly check: (name: string, work: () => Promise<string>) => Promise<void>;
}

export function createCheckList(clock: Clock, report: (result: CheckResult) => void): CheckList {
  const results: CheckResult[] = [];
  return {
    results,
    check: async (name, work) => {
      const begun = clock.monotonic();
      let passed = true;
      let detail: string;
      try {
        detail = await work();
      } catch (error) {
        passed = false;
        detail = error instanceof Error ? error.message : String(error);
      }
      const milliseconds = Math.round(clock.monotonic() - begun);
      const result = { name, passed, detail, milliseconds };
      results.push(result);
      report(result);
    },
  };
}
