import assert from "node:assert/strict";
import type { HeldClock } from "@caudal/runtime";

/** Until it came to pass, asked every few milliseconds; half a minute at most. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + 30_000; performance.now() < endMs; ) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail("it did not come to pass");
}

/** Moves the held clock on until they all have settled: their pauses pass, their answers come from a real server. */
export async function untilSettled(all: Promise<unknown>, clock: HeldClock, stepMs = 0): Promise<void> {
  let settled = false;
  void all.then(() => (settled = true));
  await until(async () => {
    await clock.advance(stepMs);
    return settled;
  });
}
