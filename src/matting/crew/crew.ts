import { Worker } from 'node:worker_threads';

import type { Track } from '../engines/engine.ts';
import {
  createMatter,
  type Layout,
  type Matter,
  slotBytes,
  slotOver,
  type Slot,
  type Treatment,
} from './matter.ts';

/** Those who matte the frames of a clip, here or on threads of their own. */
export interface Crew {
  /** Room for as many frames as can be on their way at once. */
  readonly slots: readonly Slot[];
  /** From the next frame on. */
  begin(treatment: Treatment): void;
  /**
   * Mattes the frame in a slot.
   *
   * @returns its mean opacity, 0..1
   * @throws the thread's error when it has broken down
   */
  matte(slot: Slot, track: Track): Promise<number>;
  /** Ends all threads. */
  close(): Promise<void>;
}

/** Threads to matte on. */
export interface Threads {
  /** Of `frameWorker.ts`, bundled. */
  readonly url: URL;
  /** At least 1. */
  readonly count: number;
}

/** What a thread is told. */
export type Order =
  | { readonly type: 'begin'; readonly treatment: Treatment }
  | { readonly type: 'matte'; readonly slot: number; readonly track: Track };

/** What a thread is given at its start. */
export interface ThreadData {
  readonly memories: readonly SharedArrayBuffer[];
  readonly layout: Layout;
}

/** One frame is being read and one written while the threads work. */
const SPARE_SLOTS = 2;

/** @param threads `undefined` to work on the caller's */
export function openCrew(threads: Threads | undefined, layout: Layout): Crew {
  const wanted = (threads?.count ?? 0) + SPARE_SLOTS;
  const memories = Array.from({ length: wanted }, () => new SharedArrayBuffer(slotBytes(layout)));
  const slots = memories.map((memory) => slotOver(memory, layout));
  if (threads === undefined) return { slots, ...workHere(layout) };

  const hands = Array.from({ length: threads.count }, () =>
    startThread(threads.url, { memories, layout }),
  );
  return {
    slots,
    begin(treatment) {
      for (const hand of hands) hand.tell({ type: 'begin', treatment });
    },
    matte(slot, track) {
      const idlest = hands.reduce((a, b) => (b.pending() < a.pending() ? b : a));
      return idlest.ask({ type: 'matte', slot: slots.indexOf(slot), track });
    },
    async close() {
      await Promise.all(hands.map((hand) => hand.end()));
    },
  };
}

function workHere(layout: Layout): Omit<Crew, 'slots'> {
  let matter: Matter | undefined;
  return {
    begin: (treatment) => (matter = createMatter(treatment, layout)),
    matte: (slot, track) => Promise.resolve(matter!(slot, track)),
    close: () => Promise.resolve(),
  };
}

interface Waiting {
  readonly resolve: (opacity: number) => void;
  readonly reject: (error: unknown) => void;
}

interface Hand {
  /** How many answers are awaited; they come in the order of the questions. */
  pending(): number;
  tell(order: Order): void;
  ask(order: Order): Promise<number>;
  end(): Promise<void>;
}

function startThread(url: URL, workerData: ThreadData): Hand {
  const worker = new Worker(url, { workerData });
  const waiting: Waiting[] = [];
  let broken: unknown;
  const breakDown = (error: unknown): void => {
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };
  worker.on('message', (opacity: number) => waiting.shift()?.resolve(opacity));
  worker.once('error', breakDown);
  worker.once('exit', (code) => breakDown(new Error(`a matting thread ended with code ${code}`)));
  return {
    pending: () => waiting.length,
    tell: (order) => worker.postMessage(order),
    ask: (order) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (broken === undefined) worker.postMessage(order);
        else breakDown(broken);
      }),
    async end() {
      await worker.terminate();
    },
  };
}
