/**
 * Works on items in their order, so many at a time. What waits is data and no promise, so that
 * memory does not grow with their number.
 *
 * @returns what came of each, in the order of the items
 * @throws the first failure; what is under way then goes on, nothing more is begun
 */
export async function sideBySide<Item, Result>(
  width: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  let failed = false;
  const walk = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (failed) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, walk));
  return results;
}
