import { allows, hasCode, type Scope } from "@caudal/core";
import type { LiveTail } from "./live-tail.ts";
import { readPosition, writePosition } from "./position.ts";

/** What a client is told. */
export interface LiveMessage {
  /** Whoever comes back with it goes on right after this message. */
  readonly id: string;
  readonly event: "measurement" | "rollup" | "reset" | "heartbeat";
  /** JSON on one line; empty for a heartbeat. */
  readonly data: string;
}

export interface FeedOptions {
  readonly tail: LiveTail;
  readonly scope: Scope;
  /** All of the scope when absent. */
  readonly points: ReadonlySet<string> | undefined;
  /** Id of the last message that the client got; only what comes when absent. */
  readonly after: string | undefined;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** Messages of one batch at most. */
const MESSAGES_AT_ONCE = 256;

/**
 * The live stream of one client, in batches, as fast as they are asked for. Each event that the log holds after the client's place comes
 * once; word of a recomputed rollup comes to who is there; when the log no longer holds what follows, a reset says that something may be missing, and it goes on from the end. The first
 * message is a heartbeat, so that a client knows its place from the beginning. Ends with the signal. The tail must have been joined.
 */
export async function* followLive({ tail, scope, points, after, heartbeatMs, signal }: FeedOptions): AsyncGenerator<readonly LiveMessage[]> {
  let position = [...tail.position()];
  let newsAt = tail.news.position;
  let quietSinceMs = performance.now();
  const reset = (): readonly LiveMessage[] => {
    position = [...tail.position()];
    return [{ id: writePosition(position), event: "reset", data: JSON.stringify({ reason: "position-gone" }) }];
  };
  if (after !== undefined) {
    const asked = readPosition(after);
    const ends = await tail.ends();
    if (asked?.length === ends.length && asked.every((offset, partition) => offset <= ends[partition]!)) position = [...asked];
    else yield reset();
  }
  yield [{ id: writePosition(position), event: "heartbeat", data: "" }];
  while (!signal.aborted) {
    const moved = tail.moved;
    let wentOn = false;
    const words = tail.news.after(newsAt).filter(({ client, point }) => allows(scope, client) && points?.has(point) !== false);
    newsAt = tail.news.position;
    if (words.length > 0) {
      yield words.map(({ data }) => ({ id: writePosition(position), event: "rollup" as const, data }));
      quietSinceMs = performance.now();
      if (signal.aborted) return;
    }
    for (let partition = 0; partition < position.length; partition++) {
      const batch = await tail.after(partition, position[partition]!).catch((error: unknown) => {
        if (hasCode(error, "offset-out-of-range")) return undefined;
        throw error;
      });
      if (batch === undefined) {
        yield reset();
        break;
      }
      if (batch.nextOffset === position[partition]) continue;
      wentOn = true;
      let messages: LiveMessage[] = [];
      for (const { offset, client, point, data } of batch.events) {
        position[partition] = offset + 1;
        if (!allows(scope, client) || points?.has(point) === false) continue;
        messages.push({ id: writePosition(position), event: "measurement", data });
        if (messages.length < MESSAGES_AT_ONCE) continue;
        yield messages;
        quietSinceMs = performance.now();
        if (signal.aborted) return;
        messages = [];
      }
      position[partition] = batch.nextOffset;
      if (messages.length > 0) {
        yield messages;
        quietSinceMs = performance.now();
      }
      if (signal.aborted) return;
    }
    if (!wentOn) await movedWithin(moved, heartbeatMs, signal);
    if (performance.now() - quietSinceMs < heartbeatMs) continue;
    yield [{ id: writePosition(position), event: "heartbeat", data: "" }];
    quietSinceMs = performance.now();
  }
}

/** Waits for either, or the signal. */
async function movedWithin(moved: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    abort = resolve;
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    await Promise.race([moved, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
