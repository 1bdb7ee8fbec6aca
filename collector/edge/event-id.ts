import { createHash, randomUUID } from "node:crypto";

/** For what may come again only as something new. */
export function newEventId(): string {
  return randomUUID();
}

/** The same for the same parts for ever, so that what is read or sent twice is one event. */
export function derivedEventId(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
