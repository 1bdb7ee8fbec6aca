import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "@caudal/runtime";
import { DAY_US } from "../buckets/calendar.ts";
import { autoResolution } from "./auto.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { formatOf } from "./query.ts";

const refused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

test("the format is the one asked for, else the best that the caller takes", () => {
  assert.equal(formatOf("csv", "application/json"), "csv");
  const accepted: Record<string, string> = {
    "": "json", "*/*": "json", "text/html,application/xhtml+xml,*/*;q=0.8": "json", "text/csv": "csv", "text/csv;q=0.5, application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson", "text/*": "csv", "application/json; charset=utf-8": "json", "text/csv;q=0, application/json;q=0.1": "json",
  };
  for (const [accept, format] of Object.entries(accepted)) assert.equal(formatOf(undefined, accept), format, accept);
  assert.equal(formatOf(undefined, undefined), "json");
  assert.throws(() => formatOf(undefined, "image/png"), refused("not-acceptable"));
});

test("auto shows about a thousand rows, and raw where that is enough", () => {
  const auto = (days: number, periodS?: number): string => autoResolution({ fromUs: 0, toUs: days * DAY_US }, periodS);
  assert.deepEqual([auto(1 / 24, 1), auto(1, 1), auto(1, 300), auto(7, 60), auto(30, 300), auto(60, 300), auto(70, 3600), auto(3650, 300), auto(20_000, 1), auto(100_000, 1)],
    ["raw", "1m", "raw", "15m", "1h", "1h", "raw", "1d", "1mo", "1mo"]);
  assert.equal(auto(0, undefined), "raw");
});

test("a cursor is read as it was written, and anything else is refused", () => {
  const cursor = { fromUs: -123_456_789, resolution: "15m" } as const;
  assert.deepEqual(readCursor(writeCursor(cursor)), cursor);
  for (const text of ["", "abc", Buffer.from("[1.5,\"raw\"]").toString("base64url"), Buffer.from("[1,\"2h\"]").toString("base64url")]) assert.throws(() => readCursor(text), refused("invalid-cursor"));
});
