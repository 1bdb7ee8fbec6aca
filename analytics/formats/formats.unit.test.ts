import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { zoneOffsetUs } from "@caudal/core";
import { inChunks } from "./chunks.ts";
import { csvComment, csvField } from "./csv-text.ts";
import { itemKey } from "./item-key.ts";
import { TimeText } from "./time-text.ts";

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
      const micros = Number((/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(6, "0"));
      assert.equal(Date.parse(text.replace(/\.\d+/, "")) * 1000 + micros, timeUs, `${text} ${zoneOffsetUs(timeUs, name)}`);
    }
  }));
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
