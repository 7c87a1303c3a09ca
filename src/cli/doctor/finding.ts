/** One line of the doctor's report. */
export interface Finding {
  readonly name: string;
  /** `warn`: rbgv works, and something is worth mending; `fail`: it will not. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What mends it; `undefined` when nothing needs mending. */
  readonly fix: string | undefined;
}

export function ok(name: string, detail: string): Finding {
  return { name, status: 'ok', detail, fix: undefined };
}

export function warn(name: string, detail: string, fix: string): Finding {
  return { name, status: 'warn', detail, fix };
}

export function fail(name: string, detail: string, fix: string): Finding {
  return { name, status: 'fail', detail, fix };
}
