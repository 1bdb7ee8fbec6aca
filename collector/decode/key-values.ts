import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { isObject, member, RowReader, type JsonObject } from "./object-reader.ts";
import { timeKeyOf } from "./json-styles.ts";
import { readSourceTime } from "./source-time.ts";

/** `{ "key": "caudal", "value": 17.3, "datetime": … }`: one value that says its own name, as thethings.io writes. */
export function isKeyValue(row: JsonObject): boolean {
  return typeof member(row, "key") === "string" && Object.hasOwn(row, "value");
}

/** An object whose `values` is an array of such. */
export function isKeyValueList(row: JsonObject): boolean {
  const values = member(row, "values");
  return Array.isArray(values) && values.length > 0 && values.every((item) => isObject(item) && isKeyValue(item));
}

export function readKeyValues(row: JsonObject, context: DecodeContext): Parsed<RowContent> {
  const list = member(row, "values");
  const reader = new RowReader(context);
  const outer = timeOf(row, "", context);
  if (!outer.ok) return outer;
  for (const [at, item] of (isKeyValue(row) ? [row] : Array.isArray(list) ? list : []).entries()) {
    const place = isKeyValue(row) ? "" : `values.${at}.`;
    if (!isObject(item)) return refused("wrong-type", "a value has a key and a value", place);
    const taken = takeItem(reader, item, { place, outerUs: outer.value, context });
    if (!taken.ok) return taken;
  }
  return reader.done(null);
}

function takeItem(reader: RowReader, item: JsonObject, { place, outerUs, context }: { readonly place: string; readonly outerUs: number | null; readonly context: DecodeContext }): Parsed<null> {
  const key = member(item, "key");
  if (typeof key !== "string" || key === "") return refused("wrong-type", "a key is a text", `${place}key`);
  const time = timeOf(item, place, context);
  if (!time.ok) return time;
  const unit = member(item, "unit");
  const taken = reader.take(key, member(item, "value"), { field: `${place}value`, timeUs: time.value ?? outerUs, unit: typeof unit === "string" ? unit : null });
  if (!taken.ok) return taken;
  const geo = member(item, "geo");
  if (isObject(geo)) reader.labels.set(`${key}.geo`, `${String(member(geo, "lat"))},${String(member(geo, "long") ?? member(geo, "lon"))}`);
  return parsed(null);
}

/** thethings.io writes UTC, with or without saying so. */
function timeOf(row: JsonObject, place: string, context: DecodeContext): Parsed<number | null> {
  const name = timeKeyOf(row);
  return name === undefined ? parsed(null) : readSourceTime(member(row, name), `${place}${name}`, "", context);
}
