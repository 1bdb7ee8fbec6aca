/** Reading of unknown JSON: a field that is absent or of another type becomes its fallback, so a newer server never breaks an older page. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as a record; anything else is an empty one. */
export function asRecord(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asText(value: unknown, fallback = ""): string {
  return typeof value === "string" ? value : fallback;
}

export function asNumber(value: unknown, fallback = 0): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

export function asNumberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Items that `read` cannot use (undefined) are left out. */
export function asList<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  if (!Array.isArray(value)) return [];
  return value.map(read).filter((item) => item !== undefined);
}

export function asTextList(value: unknown): string[] {
  return asList(value, (item) => (typeof item === "string" ? item : undefined));
}

/** A map of texts; values of another type are written as text, nulls left out. */
export function asTextMap(value: unknown): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, item] of Object.entries(asRecord(value))) if (item !== null && item !== undefined) out[key] = String(item);
  return out;
}

/** RFC 3339 text to milliseconds since 1970; null where it is no time. */
export function asInstantMs(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const timeMs = Date.parse(value);
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** One page of a list; `next` is the cursor of the following one. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

export function asPage<T>(body: unknown, read: (item: unknown) => T | undefined): Page<T> {
  const record = asRecord(body);
  return { items: asList(record["items"], read), next: typeof record["next"] === "string" ? record["next"] : null };
}
