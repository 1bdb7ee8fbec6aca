import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import type { RowOutcome } from "./decoded.ts";
import { fileContext } from "./decode-context.ts";
import { formats } from "./formats.ts";

const at = (text: string): number => parseInstant(text, "UTC") ?? assert.fail(text);
const HEADER = "fecha;hora;nombre_sensor;valor;unidad;quality\n";

function read(text: string, columns?: readonly string[]): readonly RowOutcome[] {
  return formats.csv(Buffer.from(text), fileContext(at("2026-05-01"), "America/Santiago", columns === undefined ? {} : { columns }));
}

const samples = (outcomes: readonly RowOutcome[]): unknown => outcomes.map((row) => row.kind === "park" ? row.refusal.why : row.samples.map(({ key, value, unit, timeUs }) => [key, value, unit, timeUs]));

test("trap 15: a logger's file: decimal commas, local time, one reading an instant, bad rows without their value", () => {
  const text = `${HEADER}01-03-2026;09:00:00;Totalizado;48213,70;M3;G\r\n01-03-2026;09:00:00;Nivel Freat;32,66;m;G\r\n01-03-2026;09:00:00;Flujo Insta;-999,0;l/s;B\r\n01-03-2026;09:00:00;FREESPACE;1024;MB;G\r\n`;
  const outcomes = read(text);
  const noonUs = at("2026-03-01T12:00:00Z");
  assert.deepEqual(samples(outcomes), [
    [["Totalizado", 48213.7, "M3", noonUs], ["Nivel Freat", 32.66, "m", noonUs]],
    [["Flujo Insta", null, "l/s", noonUs]],
  ]);
  assert.deepEqual(outcomes.map((row) => row.kind === "reading" && row.labels), [{}, { quality: "B" }]);
  assert.equal(Buffer.from(outcomes[0]?.raw ?? []).toString(), "01-03-2026;09:00:00;Totalizado;48213,70;M3;G\r\n01-03-2026;09:00:00;Nivel Freat;32,66;m;G");
});

test("a sensor's fault value stays as written, for mapping to flag", () => {
  assert.deepEqual(samples(read("01-03-2026;09:00:00;Nivel Freat;-999,000;m;G")), [[["Nivel Freat", -999, "m", at("2026-03-01T12:00:00Z")]]]);
});

test("trap 15: three orders of the date, with and without a header", () => {
  for (const date of ["01-03-2026", "2026-03-01", "03/01/2026"]) {
    assert.deepEqual(samples(read(`${HEADER}${date};09:00:00;Nivel;1,5;m;G`)), [[["Nivel", 1.5, "m", at("2026-03-01T12:00:00Z")]]]);
    assert.deepEqual(samples(read(`${date};09:00:00;Nivel;1,5;m;G`)), [[["Nivel", 1.5, "m", at("2026-03-01T12:00:00Z")]]]);
  }
});

test("trap 15: the autumn night's two passes, each sensor in its own order", () => {
  const lines = ["23:30:00;a", "23:30:00;b", "23:45:00;a", "23:45:00;b", "23:30:00;a", "23:30:00;b"].map((part) => `04-04-2026;${part};1,0;m;G`);
  const times = read(lines.join("\n")).map((row) => row.kind === "reading" && row.observedAtUs);
  assert.deepEqual(times, ["02:30", "02:45", "03:30"].map((clock) => at(`2026-04-05T${clock}:00Z`)));
});

test("the spring night's missing hour", () => {
  assert.deepEqual(samples(read("07-09-2025;00:30:00;Nivel;1,5;m;G")), [[["Nivel", 1.5, "m", at("2025-09-07T04:30:00Z")]]]);
});

test("half a line parks by itself, with the columns it stood under", () => {
  const outcomes = read(`${HEADER}01-03-2026;09:00:00;Nivel;1,5;m;G\n01-03-2026;09:01:00;Niv\n01-03-2026;09:02:00;Nivel;1,7;m;G\n`);
  assert.deepEqual(outcomes.map((row) => row.kind), ["reading", "park", "reading"]);
  const [, bad] = outcomes;
  assert.ok(bad?.kind === "park");
  assert.deepEqual([bad.refusal.why, Buffer.from(bad.raw).toString(), bad.columns], ["malformed-csv", "01-03-2026;09:01:00;Niv", ["date", "clock", "key", "value", "unit", "quality"]]);
});

test("single lines: time, key, value and unit; key and value; wide with named columns", () => {
  const noonUs = at("2026-03-01T12:00:00Z");
  assert.deepEqual(samples(read("2026-03-01T12:00:00Z,flow,12.5,L/s")), [[["flow", 12.5, "L/s", noonUs]]]);
  assert.deepEqual(samples(read("1772366400,flow,12.5")), [[["flow", 12.5, null, noonUs]]]);
  assert.deepEqual(samples(read("flow;12,5")), [[["flow", 12.5, null, null]]]);
  assert.deepEqual(samples(read("W-07,1772366400,12.5,,x", ["device", "time", "flow", "level", "-"])), [[["flow", 12.5, null, noonUs], ["level", null, null, noonUs]]]);
  assert.deepEqual(samples(read("time\tflow\n01-03-2026 09:00:00\t3")), [[["flow", 3, null, noonUs]]]);
});

test("quotes protect a separator", () => {
  assert.deepEqual(samples(read('1772366400,"flow ""a"", b",12.5')), [[['flow "a", b', 12.5, null, at("2026-03-01T12:00:00Z")]]]);
});

for (const [text, why] of [
  ["", "empty"], ["01-03-2026;09:00:00;FREESPACE;3;MB;G", "empty"], [HEADER, "empty"], ["a", "malformed-csv"], ["1;2;3;4;5;6;7", "malformed-csv"], ["01-03-2026;09:00:00;Nivel;alto;m;G", "malformed-csv"],
  ["01-03-2026;25:00:00;Nivel;1;m;G", "malformed-csv"], ["31-02-2026;09:00:00;Nivel;1;m;G", "malformed-csv"], ["01-03-2026;09:00:00;Nivel;1e999;m;G", "not-finite"], ["01-03-2026;09:00:00;;1;m;G", "malformed-csv"],
  ["01-03-2027;09:00:00;Nivel;1;m;G", "implausible-time"], ["01-03-1899;09:00:00;Nivel;1;m;G", "implausible-time"], ["1000000000,flow,1", "implausible-time"], ["later,flow,1", "malformed-csv"], ["1;2", "malformed-csv"],
  ['1772366400,"flow,12.5', "malformed-csv"], [`1772366400,flow,1,${"x"},y,z,w`, "malformed-csv"],
] as const) {
  test(`refused as ${why}: ${text.slice(0, 50)}`, () => {
    assert.deepEqual(samples(read(text)), [why]);
  });
}

test("bytes that are not UTF-8 are refused whole", () => {
  const bytes = Buffer.from([0x31, 0x3b, 0xff]);
  const [row] = formats.csv(bytes, fileContext(0, "UTC"));
  assert.ok(row?.kind === "park" && row.refusal.why === "invalid-utf8" && row.raw === bytes);
});

test("a text where a number belongs that means no number stays a text", () => {
  assert.deepEqual(samples(read("01-03-2026;09:00:00;Nivel;NaN;m;G")), [[["Nivel", "NaN", "m", at("2026-03-01T12:00:00Z")]]]);
});
