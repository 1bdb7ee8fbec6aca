const LOOK_EVERY_MS = 20;

/** Looks until there is something, or fails at the deadline. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, deadlineMs = 60_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
