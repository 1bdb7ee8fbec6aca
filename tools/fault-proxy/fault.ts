/** What a connection suffers. Without any member bytes pass untouched, and at once. */
export interface Fault {
  /** Every chunk arrives that much later, in order. */
  readonly delayMs?: number;
  /** No more than that passes each way. */
  readonly bytesPerS?: number;
  /** The peer seems to be there and says nothing: bytes that way are taken and lost, and no end is passed on. */
  readonly swallow?: "requests" | "answers" | "both";
}

/** Which way bytes go: from the client, or to it. */
export type Way = "request" | "answer";

export function swallows({ swallow }: Fault, way: Way): boolean {
  return swallow === "both" || swallow === (way === "request" ? "requests" : "answers");
}
