/** What a client's process is told, as JSON in its first argument. */
export interface ClientOrder {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Worked one after the other; each has its own clips, state and results. */
  readonly folders: readonly string[];
  /** Which of a folder's clips, from and up to; default: all of them. */
  readonly clips?: readonly [number, number];
  /** How many times faster the client's clock runs. */
  readonly clockScale: number;
  /** Clips worked at once. */
  readonly concurrency: number;
  /** How long an unclear start may still be carried out, in milliseconds; default 90 s. */
  readonly quietMs?: number;
  /** Dies by SIGKILL at this point of its way, counted from 1. */
  readonly dieAt?: number;
}

/** What it says when it got to its end. */
export interface ClientReport {
  /** What `rbgv run` would exit with. */
  readonly exitCode: number;
  readonly done: number;
  /** What it did outside of itself: writes to memory and results, and calls that change something. */
  readonly deeds: number;
  /** Durable writes of its memory, and what they took in all. */
  readonly writes: number;
  readonly writeMs: number;
  /** From the beginning of its first clip to the end of its last. */
  readonly workMs: number;
}
