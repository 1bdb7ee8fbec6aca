const LOOK_EVERY_MS = 10;

/** Polls until the check passes; fails with its last error. */
export async function eventually(check: () => void | Promise<void>, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
