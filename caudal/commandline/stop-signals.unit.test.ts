import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { watchStopSignals } from "./stop-signals.ts";

function scene(): { source: EventEmitter; clock: { ms: number }; impatient: () => number; signals: ReturnType<typeof watchStopSignals> } {
  const source = new EventEmitter();
  const clock = { ms: 0 };
  let impatient = 0;
  return { source, clock, impatient: () => impatient, signals: watchStopSignals({ source, monotonicMs: () => clock.ms, onImpatience: () => (impatient += 1) }) };
}

test("the first signal asks to stop, a second Ctrl-C ends at once", async () => {
  for (const first of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const { source, clock, impatient, signals } = scene();
    source.emit(first);
    await signals.asked;
    clock.ms = 1500;
    source.emit("SIGINT");
    assert.equal(impatient(), 1, first);
  }
});

test("one press that arrives twice, as under npm, and a SIGTERM afterwards are no impatience", () => {
  const { source, clock, impatient } = scene();
  source.emit("SIGINT");
  clock.ms = 40;
  source.emit("SIGINT");
  clock.ms = 5000;
  source.emit("SIGTERM");
  assert.equal(impatient(), 0);
});

test("released, nothing listens", () => {
  const { source, signals } = scene();
  signals.release();
  assert.deepEqual(source.eventNames(), []);
});
