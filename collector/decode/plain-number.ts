import { textOf } from "./bytes.ts";
import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { named } from "./naming.ts";
import { isMeasuredText, numberOf } from "./scalar.ts";

const DEFAULT_KEY = "value";

/** A message that is one number and nothing else; its name comes from the mapping. */
export function readPlainNumber(bytes: Uint8Array, context: DecodeContext): Parsed<RowContent> {
  const text = textOf(bytes);
  if (!text.ok) return text;
  const trimmed = text.value.trim();
  if (trimmed === "") return refused("empty", "there is nothing in it");
  const value = numberOf(trimmed);
  if (value === undefined) return isMeasuredText(trimmed) ? refused("not-finite", `${trimmed} is not a finite number`) : refused("malformed-number", `"${trimmed.slice(0, 40)}" is not a number`);
  if (!Number.isFinite(value)) return refused("not-finite", `${trimmed} is beyond what a double holds`);
  const sample = { ...named(context.options.key ?? DEFAULT_KEY, null, context.options), value, timeUs: null };
  return parsed({ device: null, samples: [sample], labels: {} });
}
