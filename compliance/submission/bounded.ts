/** Runs the work of every item, so many at once, in order of their beginning. A rejection is the caller's to catch within. */
export async function bounded<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  const run = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: Math.max(1, atOnce) }, run));
}
