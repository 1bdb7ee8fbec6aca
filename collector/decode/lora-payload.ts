import { parsed, type DecodeContext, type Parsed } from "./decoded.ts";
import { isObject, member, type JsonObject, type RowReader } from "./object-reader.ts";
import { timeKeyOf } from "./json-styles.ts";
import { readSourceTime } from "./source-time.ts";

interface Place {
  readonly prefix: string;
  readonly field: string;
  readonly timeUs: number | null;
  readonly series: string;
  readonly context: DecodeContext;
}

/**
 * Takes what a device's own codec gave: any tree. Names of inner values are joined by dots. An object with a time gives that time to all
 * within it, which is how counters with a memory replay their history; such objects keep their keys' own names.
 */
export function takeTree(reader: RowReader, tree: JsonObject, place: Place): Parsed<null> {
  const timeKey = timeKeyOf(tree);
  const time = timeKey === undefined ? parsed(null) : readSourceTime(member(tree, timeKey), `${place.field}.${timeKey}`, place.series, place.context);
  if (!time.ok) return time;
  const here = { ...place, prefix: time.value === null ? place.prefix : "", timeUs: time.value ?? place.timeUs };
  for (const [key, value] of Object.entries(tree)) {
    if (key === timeKey) continue;
    const taken = takeBranch(reader, `${here.prefix}${key}`, value, { ...here, field: `${place.field}.${key}` });
    if (!taken.ok) return taken;
  }
  return parsed(null);
}

function takeBranch(reader: RowReader, name: string, value: unknown, place: Place): Parsed<null> {
  if (isObject(value)) return takeTree(reader, value, { ...place, prefix: `${name}.` });
  if (!Array.isArray(value)) return reader.take(name, value, place);
  for (const [index, element] of value.entries()) {
    const taken = takeBranch(reader, `${name}.${index}`, element, { ...place, field: `${place.field}.${index}` });
    if (!taken.ok) return taken;
  }
  return parsed(null);
}
