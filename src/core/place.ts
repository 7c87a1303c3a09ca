import type PQueue from 'p-queue';

/**
 * Waits for one of a queue's places and holds it until it is given back: for work that begins in
 * one function and ends in another. Giving it back twice does no harm.
 *
 * @param priority those of a greater one go first
 * @throws the signal's reason when aborted while waiting
 */
export function takePlace(
  queue: Pick<PQueue, 'add'>,
  signal: AbortSignal,
  priority = 0,
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((giveBack) => resolve(giveBack));
    queue.add(held, { signal, priority }).catch(reject);
  });
}
