import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CaudalError } from "@caudal/core";
import { slotsOf, type Slots } from "./slots.ts";

const at = (text: string): number => Date.parse(text) * 1000;
const until = (slots: Slots, fromUs: number, toUs: number): number[] => {
  const due: number[] = [];
  for (let next = slots.next(fromUs); next < toUs; next = slots.next(next)) due.push(next);
  return due;
};
/** To the minute: each device has its own second. */
const minutesOf = (slots: Slots, from: string, to: string): string[] => until(slots, at(from), at(to)).map((dueUs) => new Date(dueUs / 1000).toISOString().slice(0, 16));

describe("every so often", () => {
  test("runs do not drift: once a period, for ever, and the last slot is the one before the next", () => {
    fc.assert(fc.property(fc.constantFrom(60_000, 300_000, 600_000, 3_600_000), fc.string(), fc.integer({ min: 0, max: 2_000_000_000 }), (ms, name, seconds) => {
      const slots = slotsOf({ kind: "every", ms }, name);
      const fromUs = seconds * 1_000_000;
      const due = until(slots, fromUs, fromUs + 20 * ms * 1000);
      assert.ok(due.length >= 19 && due.length <= 21);
      for (const dueUs of due) {
        assert.equal(slots.last(dueUs), dueUs);
        assert.ok(slots.last(dueUs - 1) < dueUs && dueUs - slots.last(dueUs - 1) < 1.1 * ms * 1000);
        assert.ok(slots.next(dueUs - 1) === dueUs && slots.next(dueUs) > dueUs);
      }
    }));
  });

  test("a thousand hourly devices are spread over the hour", () => {
    const hourUs = at("2026-03-01T12:00:00Z");
    const counts = new Map<number, number>();
    for (let device = 0; device < 1000; device += 1) {
      const minute = Math.floor((slotsOf({ kind: "every", ms: 3_600_000 }, `north/w${device}`).next(hourUs) - hourUs) / 60_000_000);
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
    }
    assert.ok(counts.size >= 56 && Math.max(...counts.values()) < 40, JSON.stringify([...counts]));
  });

  test("the same after a restart", () => {
    const nowUs = at("2026-03-01T12:00:00Z");
    const next = (): number => slotsOf({ kind: "every", ms: 600_000 }, "north/w1").next(nowUs);
    assert.equal(next(), next());
  });
});

describe("a cron pattern", () => {
  const daily = slotsOf({ kind: "cron", pattern: "30 23 * * *", zone: "America/Santiago" }, "n");

  test("on the night that has 23:30 twice it runs once", () => {
    assert.deepEqual(minutesOf(daily, "2026-04-03T12:00:00Z", "2026-04-07T00:00:00Z"), ["2026-04-04T02:30", "2026-04-05T02:30", "2026-04-06T03:30"]);
  });

  test("on the night that has no 00:30 it runs when that hour would have been", () => {
    const gone = slotsOf({ kind: "cron", pattern: "30 0 * * *", zone: "America/Santiago" }, "n");
    assert.deepEqual(minutesOf(gone, "2026-09-05T12:00:00Z", "2026-09-08T00:00:00Z"), ["2026-09-06T04:00", "2026-09-07T03:30"]);
  });

  test("an hourly one runs each hour of both nights, no hour left out and none twice", () => {
    const hourly = slotsOf({ kind: "cron", pattern: "0 * * * *", zone: "America/Santiago" }, "n");
    for (const day of ["2026-04-05", "2026-09-06"]) {
      const due = until(hourly, at(`${day}T00:00:00Z`), at(`${day}T12:00:00Z`));
      assert.equal(due.length, 12, day);
      assert.ok(due.every((dueUs, index) => index === 0 || dueUs - due[index - 1]! === 3_600_000_000));
    }
  });

  test("devices spread within the minute; a period is to the next run; a pattern that is none is a setting's error", () => {
    const seconds = new Set(Array.from({ length: 50 }, (_, device) => slotsOf({ kind: "cron", pattern: "0 6 * * *", zone: "UTC" }, `w${device}`).next(at("2026-03-01T00:00:00Z"))));
    assert.ok(seconds.size > 40);
    assert.ok([...seconds].every((dueUs) => dueUs >= at("2026-03-01T06:00:00Z") && dueUs < at("2026-03-01T06:01:00Z")));
    assert.equal(daily.periodUs(at("2026-03-01T00:00:00Z")), 86_400_000_000);
    assert.throws(() => slotsOf({ kind: "cron", pattern: "often", zone: "UTC" }, "n"), (error) => error instanceof CaudalError && error.code === "setting");
  });
});
