import type { Sample } from "@caudal/schemas";
import { parsed, refused, type DecodeContext, type Parsed, type RowContent } from "./decoded.ts";
import { Labels } from "./labels.ts";
import { MAX_DEVICE_CHARACTERS, MAX_KEY_CHARACTERS, MAX_SAMPLES } from "./limits.ts";
import { named } from "./naming.ts";
import { readScalar } from "./scalar.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own member, so that an object's inherited names are never read as a message's. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The texts of a device's id: `"W-07"` or `7`; null for none. */
export function readDevice(value: unknown, field: string): Parsed<string | null> {
  if (value === null || value === undefined || value === "") return parsed(null);
  if (typeof value !== "string" && !(typeof value === "number" && Number.isSafeInteger(value))) return refused("wrong-type", "a device's id is a text or a whole number", field);
  return checkDevice(String(value), field);
}

// Control characters and line separators would break logs, keys and screens.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/;

/** Ids are trimmed, printable and not too long. */
export function checkDevice(text: string, field: string): Parsed<string | null> {
  const device = text.trim();
  if (device === "") return parsed(null);
  if (device.length > MAX_DEVICE_CHARACTERS) return refused("too-large", `a device's id has at most ${MAX_DEVICE_CHARACTERS} characters`, field);
  return UNPRINTABLE.test(device) ? refused("wrong-type", "a device's id has printable characters only", field) : parsed(device);
}

/** Gathers samples and labels of one row. */
export class RowReader {
  readonly labels = new Labels();
  readonly #samples: Sample[] = [];
  readonly #context: DecodeContext;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  /** Takes one key of the row: a value becomes a sample, a text that says nothing measured becomes a label. */
  take(key: string, value: unknown, at: { readonly field: string; readonly timeUs: number | null; readonly unit?: string | null }): Parsed<null> {
    const scalar = readScalar(value, at.field);
    if (!scalar.ok) return scalar;
    if (key.length > MAX_KEY_CHARACTERS) return refused("too-large", `a key has at most ${MAX_KEY_CHARACTERS} characters`, key.slice(0, MAX_KEY_CHARACTERS));
    if (scalar.value === undefined) {
      this.labels.set(key, String(value));
      return parsed(null);
    }
    if (this.#samples.length === MAX_SAMPLES) return refused("too-large", `more than ${MAX_SAMPLES} values`);
    this.#samples.push({ ...named(key, at.unit ?? null, this.#context.options), value: scalar.value, timeUs: at.timeUs });
    return parsed(null);
  }

  done(device: string | null): Parsed<RowContent> {
    const labels = this.labels.done();
    if (!labels.ok) return labels;
    if (this.#samples.length === 0) return refused("no-samples", "no key has a measured value");
    return parsed({ device, samples: this.#samples, labels: labels.value });
  }
}
