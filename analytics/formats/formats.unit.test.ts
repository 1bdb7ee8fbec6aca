import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { zoneOffsetUs } from "@caudal/core";
import { inChunks } from "./chunks.ts";
import { csvComment, csvField } from "./csv-text.ts";
import { NUMBER_BYTES, writeNumber } from "./decimal-bytes.ts";
import { itemKey } from "./item-key.ts";
import { rawCsvRows } from "./raw-csv.ts";
import { TIME_BYTES, TimeText } from "./time-text.ts";

test("times are RFC 3339 in their zone, and name the instant to the microsecond", () => {
  const times = new TimeText("America/Santiago");
  assert.equal(times.format(Date.parse("2026-04-05T02:59:59Z") * 1000), "2026-04-04T23:59:59-03:00");
  assert.equal(times.format(Date.parse("2026-04-05T03:00:00Z") * 1000), "2026-04-04T23:00:00-04:00");
  assert.equal(new TimeText("UTC").format(1_234_567), "1970-01-01T00:00:01.234567Z");
  assert.equal(new TimeText("Asia/Kathmandu").format(Date.parse("2026-01-01T00:00:00Z") * 1000), "2026-01-01T05:45:00+05:45");
  assert.equal(times.format(Date.parse("1905-01-01T12:00:00Z") * 1000), "1905-01-01T12:00:00Z");
  const zone = fc.constantFrom("UTC", "America/Santiago", "Australia/Lord_Howe", "-04:00");
  fc.assert(fc.property(zone, fc.array(fc.integer({ min: -3e15, max: 3e15 }), { minLength: 1 }), (name, instants) => {
    const writer = new TimeText(name);
    for (const timeUs of instants) {
      const text = writer.format(timeUs);
      const bytes = Buffer.alloc(TIME_BYTES);
      assert.equal(bytes.toString("latin1", 0, writer.write(bytes, 0, timeUs)), text);
      const micros = Number((/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(6, "0"));
      assert.equal(Date.parse(text.replace(/\.\d+/, "")) * 1000 + micros, timeUs, `${text} ${zoneOffsetUs(timeUs, name)}`);
    }
  }));
});

test("numbers are written as they are said, to the last digit", () => {
  const written = (value: number): string => {
    const bytes = Buffer.alloc(NUMBER_BYTES);
    return bytes.toString("latin1", 0, writeNumber(bytes, 0, value));
  };
  for (const value of [0, -0, 1, -1, 10, 0.1, 0.3, -12.345, 999_999_999, 1e9, 1_000_000_000.5, 999_999_999_999_999, 123_456_789_012_345_680, 1e21, 1e-6, 1.5e-7, 5e-324, -1.7976931348623157e308, -0.0000010000914577805373, 0.1 + 0.2]) assert.equal(written(value), String(value));
  fc.assert(fc.property(fc.double({ noNaN: true }), (value) => written(value) === String(value)));
  const decimal = fc.tuple(fc.integer({ min: -2e9, max: 2e9 }), fc.integer({ min: 0, max: 9 })).map(([units, scale]) => Number(`${units}e-${scale}`));
  fc.assert(fc.property(decimal, (value) => written(value) === String(value)));
});

test("rows of CSV are cut into pieces between rows, and nothing is lost", () => {
  const rows = 20_000;
  const flow = { variable: "flow", values: Float64Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? NaN : row / 10)), flags: Uint8Array.from({ length: rows }, (_, row) => row % 4), reasons: new Map(), authorities: new Uint8Array(rows), knownAtUs: new Float64Array(rows) };
  const block = { rows, timesUs: Float64Array.from({ length: rows }, (_, row) => row * 1_500_000), columns: [flow] };
  const columns = ["flow", "level"].map((variable) => ({ variable, unit: "", column: variable, isTotal: false }));
  const times = new TimeText("America/Santiago");
  const pieces = Array.from(rawCsvRows(block, columns, { times }), (piece) => Buffer.from(piece).toString("latin1"));
  assert.ok(pieces.length > 5 && pieces.every((piece) => piece.length < 70_000 && piece.endsWith("\n")));
  const cell = (row: number): string => (row % 4 === 0 ? "," : `${row % 5 === 0 ? "" : row / 10},${row % 4}`);
  assert.equal(pieces.join(""), Array.from({ length: rows }, (_, row) => `${times.format(row * 1_500_000)},${cell(row)},,\n`).join(""));
});

test("text in CSV is never a formula and never breaks its line", () => {
  assert.equal(csvField("flow_lps"), "flow_lps");
  for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]) assert.ok(csvField(formula).replace(/^"/, "").startsWith("'"));
  assert.equal(csvField('say "hi", twice'), '"say ""hi"", twice"');
  assert.equal(csvComment("name", 'Pozo, "=cmd()"\nsecond;line'), "# name: Pozo =cmd() second line\n");
});

test("small strings are joined and nothing is lost", async () => {
  async function* pieces(): AsyncGenerator<string> {
    for (let i = 0; i < 50_000; i++) yield `${i}\n`;
  }
  const chunks: string[] = [];
  for await (const chunk of inChunks(pieces())) chunks.push(chunk);
  assert.equal(chunks.join(""), Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join(""));
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.length >= 65_536 && chunk.length < 65_560));
});

test("a variable called time does not hide the instant", () => assert.deepEqual(["time", "flow"].map(itemKey), ["time_value", "flow"]));
