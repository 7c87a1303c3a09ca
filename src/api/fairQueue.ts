/** A kind of call to the service. Downloads of outputs are one too, but cost nothing of the rate. */
export type Lane = 'start' | 'draft' | 'upload' | 'poll';

/** Who goes first when several wait: work that can make the server busy before work that asks. */
const ORDER: readonly Lane[] = ['start', 'draft', 'upload', 'poll'];
/**
 * Each fifth turn is a poll's: 20 % of the rate is theirs, whatever else waits. They get more only
 * of what nobody else wants, so while other lanes wait they are far below the 40 % that polls may
 * take at most; a cap on an idle rate would only make ends be noticed later.
 */
const TURNS_BETWEEN_POLLS = 4;

/** As p-queue's options carry a lane. */
export const laneNumber = (lane: Lane): number => ORDER.indexOf(lane);

type Run = () => Promise<unknown>;
interface Entry {
  readonly id: string | undefined;
  readonly run: Run;
}

/**
 * The order in which p-queue lets calls through to the shared rate (its `queueClass`). `priority`
 * is the number of a lane. Starts never starve polls, and polls never starve starts.
 */
export class FairQueue {
  readonly #lanes: readonly Entry[][] = ORDER.map(() => []);
  #sincePoll = 0;

  get size(): number {
    return this.#lanes.reduce((sum, { length }) => sum + length, 0);
  }

  enqueue(run: Run, options?: { readonly priority?: number; readonly id?: string }): void {
    this.#lanes[options?.priority ?? laneNumber('poll')]?.push({ id: options?.id, run });
  }

  dequeue(): Run | undefined {
    const polls = this.#lanes[laneNumber('poll')] ?? [];
    const pollIsDue = polls.length > 0 && this.#sincePoll >= TURNS_BETWEEN_POLLS;
    const lane = pollIsDue ? polls : this.#lanes.find(({ length }) => length > 0);
    this.#sincePoll = lane === polls ? 0 : this.#sincePoll + 1;
    return lane?.shift()?.run;
  }

  filter({ priority }: { readonly priority?: number }): Run[] {
    return (this.#lanes[priority ?? -1] ?? []).map(({ run }) => run);
  }

  setPriority(id: string, priority: number): void {
    const run = this.remove(id);
    if (run !== undefined) this.enqueue(run, { id, priority });
  }

  remove(id: string): Run | undefined {
    for (const lane of this.#lanes) {
      const index = lane.findIndex((entry) => entry.id === id);
      if (index !== -1) return lane.splice(index, 1)[0]?.run;
    }
    return undefined;
  }
}
