import { CaudalError } from "../errors.ts";
import type { Scalar } from "../ports/documents.ts";

/** Where a page ended: the value of the order's field, and the id. */
export type Place = readonly [Scalar, string];

/** Opaque text; its only promise is that `fromCursor` takes it. */
export function toCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** CaudalError "bad-request" for text that no page gave. */
export function fromCursor(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    const [value, id] = Array.isArray(place) ? (place as unknown[]) : [];
    const scalar = value === null || ["string", "number", "boolean"].includes(typeof value);
    if (Array.isArray(place) && place.length === 2 && scalar && typeof id === "string") return [value as Scalar, id];
  } catch {
    // Told below, like any other text that is no cursor.
  }
  throw new CaudalError("bad-request", "the cursor is not one that a page gave");
}
