import type { DecodeContext, Parsed, RowContent } from "./decoded.ts";
import { takeTree } from "./lora-payload.ts";
import { RowReader, type JsonObject } from "./object-reader.ts";

/** Any tree of values, names joined by dots, a `time` in an object for all within it: Tasmota's `SENSOR` and its like. */
export function readTree(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const reader = new RowReader(context);
  const taken = takeTree(reader, row, { prefix: "", field: "", timeUs: null, series: "", context });
  return taken.ok ? reader.done(null) : taken;
}
