import { parseInstant } from "@caudal/core";
import type { TimedSample } from "../provider.ts";

/** Scalars and instants that a body holds, read without any provider's code. */
export interface Found {
  readonly values: ReadonlySet<string>;
  readonly timesUs: ReadonlySet<number>;
}

export function foundIn(body: Uint8Array): Found {
  const values = new Set<string>();
  const timesUs = new Set<number>();
  const text = Buffer.from(body).toString("utf8").replace(/^\ufeff/, "");
  for (const [number] of text.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) values.add(number);
  collect(JSON.parse(text));
  return { values, timesUs };

  function collect(value: unknown): void {
    if (typeof value === "object" && value !== null) {
      for (const each of Object.values(value)) collect(each);
      return;
    }
    values.add(String(value));
    if (typeof value === "string") {
      const timeUs = parseInstant(value.trim(), "UTC");
      if (timeUs !== undefined) timesUs.add(timeUs);
    }
    if (value !== null && value !== "" && Number.isFinite(Number(value))) timesUs.add(Math.round(Number(value) * 1000));
  }
}

/** True when the answer itself holds the sample's value and its time. */
export function holds({ values, timesUs }: Found, { value, timeUs }: TimedSample): boolean {
  return values.has(String(value)) && timesUs.has(timeUs);
}
