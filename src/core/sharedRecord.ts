/** One small value that several processes of a machine change in turn. */
export interface SharedRecord<T> {
  /**
   * Replaces the value; nobody else changes it meanwhile. Must not wait for anything.
   *
   * @param change from the value as it is, `undefined` before the first time, to the value as it
   *   shall be and what the caller wants to know
   */
  update<R>(change: (value: T | undefined) => readonly [T, R]): R;
}

/** A record of this process alone. */
export function ownRecord<T>(): SharedRecord<T> {
  let value: T | undefined;
  return {
    update(change) {
      const [next, result] = change(value);
      value = next;
      return result;
    },
  };
}
