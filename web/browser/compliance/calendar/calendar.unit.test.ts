import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Slot } from "../../wire/slot.ts";
import { edgesOf, fittedSpan, kindOf, layoutCalendar, spanOf, steppedCell, steppedMonth, type CalendarSpan } from "./calendar.ts";
import { midnightMs, monthText, regulatorDate, regulatorDay } from "../regulator-time.ts";

const nowMs = Date.parse("2026-06-15T12:00:00Z");

function slotAt(instant: string): Slot {
  return { slot: instant, slotMs: Date.parse(instant), standing: "expected", late: false, lateFailure: false, reasons: [], values: null, taken: [], attempts: 0, voucher: null, acceptedAtMs: null, edited: false, lateRevisions: 0 };
}

function everyHour(fromMs: number, count: number, stepMs = 3_600_000): Slot[] {
  return Array.from({ length: count }, (_, index) => slotAt(new Date(fromMs + index * stepMs).toISOString()));
}

const filled = (span: CalendarSpan, slots: readonly Slot[]) => layoutCalendar(span, slots).rows.flatMap(({ cells }) => cells).filter((cell) => (cell?.slots.length ?? 0) > 0).length;

describe("the regulator's calendar", () => {
  test("its clock is UTC-4 all year, whatever the summer time of the country", () => {
    for (const instant of ["2026-01-15T03:30:00Z", "2026-07-15T03:30:00Z"]) assert.deepEqual(regulatorDate(Date.parse(instant)).minuteOfDay, 23 * 60 + 30);
    assert.equal(regulatorDay(Date.parse("2026-04-05T03:59:59Z")), "2026-04-04");
    assert.equal(new Date(midnightMs(2026, 13)).toISOString(), "2027-01-01T04:00:00.000Z");
    assert.equal(monthText(2026, 0), "2025-12");
  });

  test("each standard has cells of its own: instants of a day, days, months", () => {
    assert.deepEqual(["mayor", "medio", "menor", "caudales-muy-pequenos"].map((standard) => kindOf(standard, null).kind), ["hours", "days", "months", "months"]);
    assert.deepEqual([15, 60, 1_440, 10 * 1_440, 44_640].map((minutes) => kindOf("custom", minutes)).map(({ kind, everyMinutes }) => [kind, everyMinutes]), [["hours", 15], ["hours", 60], ["days", 1_440], ["days", 1_440], ["months", 1_440]]);
  });

  test("a month of the address is shown, of a text that is none the running one; a year where there are months", () => {
    const hourly = { standard: "mayor", everyMinutes: null };
    assert.deepEqual(spanOf(hourly, "2026-02", nowMs), { kind: "hours", everyMinutes: 60, year: 2026, month: 2 });
    for (const text of [null, "2026-13", "June"]) assert.deepEqual(spanOf(hourly, text, nowMs), { kind: "hours", everyMinutes: 60, year: 2026, month: 6 });
    const monthly = spanOf({ standard: "menor", everyMinutes: null }, "2025-09", nowMs);
    assert.deepEqual([monthly.year, monthly.month], [2025, 1]);
    assert.deepEqual([steppedMonth(monthly, -1), steppedMonth(monthly, 1)], ["2024-01", "2026-01"]);
    assert.deepEqual([steppedMonth(spanOf(hourly, "2026-01", nowMs), -1), steppedMonth(spanOf(hourly, "2026-12", nowMs), 1)], ["2025-12", "2027-01"]);
  });

  test("an hourly month has a row a day and a cell an hour; every slot lies in one, also where the country changes its clock", () => {
    const span = spanOf({ standard: "mayor", everyMinutes: null }, "2026-04", nowMs);
    const { fromMs, toMs } = edgesOf(span);
    const slots = everyHour(fromMs, (toMs - fromMs) / 3_600_000);
    const { rows, columns } = layoutCalendar(span, slots);
    assert.deepEqual([rows.length, columns, slots.length], [30, 24, 720]);
    assert.ok(rows.every(({ cells }) => cells.every((cell) => cell?.slots.length === 1)));
    assert.equal(rows[4]?.cells[13]?.slots[0]?.slot, "2026-04-05T17:00:00.000Z");
  });

  test("slots that lie nearer than configured get shorter cells, so that none hides another", () => {
    const span = spanOf({ standard: "medio", everyMinutes: null }, "2026-06", nowMs);
    const slots = [...everyHour(midnightMs(2026, 6, 1), 48), ...everyHour(midnightMs(2026, 6, 4), 5, 86_400_000)];
    assert.ok(filled(span, slots) < slots.length);
    assert.equal(filled(fittedSpan(span, slots), slots), slots.length);
    const quarter = { kind: "hours", everyMinutes: 15, year: 2026, month: 6 } as const;
    assert.deepEqual([fittedSpan(quarter, []), layoutCalendar(quarter, []).columns], [quarter, 96]);
  });

  test("days stand in weeks from Monday on, with nothing before the first and after the last", () => {
    const span = spanOf({ standard: "medio", everyMinutes: null }, "2026-08", nowMs);
    const { rows } = layoutCalendar(span, [slotAt("2026-08-31T04:00:00Z")]);
    assert.deepEqual(rows[0]?.cells.map((cell) => cell?.label ?? null), [null, null, null, null, null, "1", "2"]);
    assert.deepEqual(rows.at(-1)?.cells.map((cell) => cell?.label ?? null), ["31", null, null, null, null, null, null]);
    assert.equal(rows.at(-1)?.cells[0]?.slots.length, 1);
  });

  test("a year has its months, twice-yearly slots in two of them", () => {
    const span = spanOf({ standard: "caudales-muy-pequenos", everyMinutes: null }, null, nowMs);
    const { rows } = layoutCalendar(span, [slotAt("2026-01-01T04:00:00Z"), slotAt("2026-07-01T04:00:00Z")]);
    assert.deepEqual(rows.flatMap(({ cells }) => cells).map((cell) => cell?.slots.length), [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
  });

  test("arrows go to the next slot over cells that have none, Home and End to a row's ends", () => {
    const span = spanOf({ standard: "mayor", everyMinutes: null }, "2026-06", nowMs);
    const layout = layoutCalendar(span, ["2026-06-01T05:00:00Z", "2026-06-01T20:00:00Z", "2026-06-03T05:00:00Z"].map(slotAt));
    const first = { row: 0, column: 1 };
    assert.deepEqual(steppedCell(layout, first, "ArrowRight"), { row: 0, column: 16 });
    assert.deepEqual(steppedCell(layout, { row: 0, column: 16 }, "ArrowRight"), { row: 2, column: 1 });
    assert.deepEqual(steppedCell(layout, first, "ArrowDown"), { row: 2, column: 1 });
    assert.deepEqual(["ArrowLeft", "ArrowUp", "Home", "x"].map((key) => steppedCell(layout, first, key)), [first, first, first, first]);
    assert.deepEqual([steppedCell(layout, first, "End"), steppedCell(layout, first, "PageDown")], [{ row: 0, column: 16 }, { row: 2, column: 1 }]);
  });
});
