import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PointLatest } from "../wire/point.ts";
import { startLive, type Connection, type Stream } from "./connection.ts";
import { createLatestBook, worstFlag } from "./latest-book.ts";

function update(timeMs: number, value: number, flag = 1, variable = "flow", point = "p"): PointLatest {
  return { point, values: [{ variable, unit: "L/s", value, flag, reasons: [], time: new Date(timeMs).toISOString(), timeMs }] };
}

describe("the book of latest values", () => {
  test("the later instant wins whatever came first", () => {
    const book = createLatestBook();
    book.apply([update(2_000, 2)], "live");
    book.apply([update(1_000, 1)], "loaded");
    assert.equal(book.get("p")?.values.get("flow")?.value, 2);
    book.apply([update(3_000, 3)], "loaded");
    assert.equal(book.get("p")?.values.get("flow")?.value, 3);
  });

  test("at one instant a live correction wins over what was loaded, and a loaded one does not win over live", () => {
    const book = createLatestBook();
    book.apply([update(1_000, 1)], "loaded");
    book.apply([update(1_000, 1.5)], "live");
    book.apply([update(1_000, 1)], "loaded");
    assert.equal(book.get("p")?.values.get("flow")?.value, 1.5);
  });

  test("only live updates count as changes, a redelivery counts as none", () => {
    const book = createLatestBook();
    book.apply([update(1_000, 1)], "loaded");
    assert.equal(book.get("p")?.change, 0);
    assert.equal(book.takeChanged(), 0);
    book.apply([update(2_000, 1)], "live");
    book.apply([update(2_000, 1)], "live");
    assert.equal(book.get("p")?.change, 1);
    assert.equal(book.takeChanged(), 1);
    assert.equal(book.takeChanged(), 0);
  });

  test("listeners of the point and of all are called once a batch, and no longer after they stop", () => {
    const book = createLatestBook();
    const calls: string[] = [];
    const stop = book.subscribe("p", () => calls.push("p"));
    book.subscribe("*", () => calls.push("*"));
    book.subscribe("other", () => calls.push("other"));
    book.apply([update(1_000, 1), update(2_000, 2)], "live");
    assert.deepEqual(calls, ["p", "*"]);
    stop();
    book.apply([update(3_000, 3)], "live");
    assert.deepEqual(calls, ["p", "*", "*"]);
  });

  test("time and flag are those of the newest and the worst value", () => {
    const book = createLatestBook();
    book.apply([update(5_000, 1, 1, "flow"), update(3_000, 1, 4, "level")], "loaded");
    assert.equal(book.get("p")?.timeMs, 5_000);
    assert.equal(book.get("p")?.flag, 4);
    assert.deepEqual([...book.points()], ["p"]);
    assert.equal(worstFlag([1, 2]), 1);
    assert.equal(worstFlag([2]), 2);
    assert.equal(worstFlag([1, 9, 3]), 3);
  });
});

class HeldStream implements Stream {
  readyState = 0;
  closed = false;
  readonly listeners = new Map<string, (event: { data?: unknown }) => void>();
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
    this.readyState = 2;
  }
  fire(type: string, data?: unknown): void {
    this.listeners.get(type)?.({ data });
  }
}

function held(signedOut = false) {
  const streams: HeldStream[] = [];
  const timers: { callback: () => void; delayMs: number }[] = [];
  const states: Connection[] = [];
  const batches: (readonly string[])[] = [];
  const resets: number[] = [];
  const live = startLive({
    open: () => {
      const stream = new HeldStream();
      streams.push(stream);
      return stream;
    },
    onMeasurements: (batch) => batches.push(batch), onReset: () => resets.push(1), onConnection: (state) => states.push(state), isSignedOut: () => Promise.resolve(signedOut),
    setTimer: (callback, delayMs) => timers.push({ callback, delayMs }), clearTimer: (timer) => void timers.splice(Number(timer) - 1, 1),
  });
  const last = () => streams.at(-1) ?? assert.fail("no stream");
  return { streams, timers, states, batches, resets, live, last };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("the live connection", () => {
  test("events of a quarter of a second are handed on together", () => {
    const { timers, batches, states, last } = held();
    last().fire("open");
    last().fire("measurement", "a");
    last().fire("measurement", "b");
    last().fire("measurement", 7);
    assert.equal(timers.length, 1);
    timers[0]?.callback();
    assert.deepEqual(batches, [["a", "b"]]);
    assert.deepEqual(states, ["connecting", "live"]);
  });

  test("a burst keeps the newest events", () => {
    const { timers, batches, last } = held();
    for (let event = 0; event < 6_000; event += 1) last().fire("measurement", String(event));
    timers[0]?.callback();
    assert.equal(batches[0]?.length, 5_000);
    assert.equal(batches[0].at(-1), "5999");
  });

  test("while the browser reconnects by itself nothing is opened anew and nothing is asked again", async () => {
    const { streams, states, resets, last } = held();
    last().fire("open");
    last().fire("error");
    await settled();
    assert.equal(streams.length, 1);
    assert.equal(states.at(-1), "waiting");
    last().fire("open");
    assert.equal(states.at(-1), "live");
    assert.equal(resets.length, 0);
  });

  test("a refused stream is opened anew with growing pauses, and the latest values are asked again", async () => {
    const { streams, timers, resets, last } = held();
    last().fire("open");
    for (const delayMs of [1_000, 2_000]) {
      last().readyState = 2;
      last().fire("error");
      await settled();
      assert.equal(timers.at(-1)?.delayMs, delayMs);
      timers.at(-1)?.callback();
    }
    assert.equal(streams.length, 3);
    last().fire("open");
    assert.equal(resets.length, 1);
    streams[0]?.fire("error");
    await settled();
    assert.equal(streams.length, 3);
  });

  test("a position that the server no longer has resets", () => {
    const { resets, last } = held();
    last().fire("reset");
    assert.equal(resets.length, 1);
  });

  test("signed out stays closed", async () => {
    const { streams, states, timers, last } = held(true);
    last().readyState = 2;
    last().fire("error");
    await settled();
    assert.equal(states.at(-1), "signed-out");
    assert.equal(streams.length, 1);
    assert.equal(timers.length, 0);
  });

  test("after stop nothing is handed on and the stream is closed", () => {
    const { live, timers, batches, last } = held();
    last().fire("measurement", "a");
    live.stop();
    last().fire("measurement", "b");
    assert.equal(timers.length, 0);
    assert.equal(batches.length, 0);
    assert.equal(last().closed, true);
  });
});
