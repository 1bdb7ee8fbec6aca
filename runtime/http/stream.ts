import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { becomesStream } from "./active-requests.ts";

export interface StreamOptions {
  /** Written whenever nothing else was for that long, so that proxies keep an idle stream open. */
  readonly heartbeat?: { readonly everyMs: number; readonly chunk: string };
  /** A reader that takes nothing for that long is let go of; 30 s when absent. */
  readonly stallMs?: number;
}

export interface EventMessage {
  readonly id?: string;
  readonly event?: string;
  /** One line or several. */
  readonly data: string;
}

/** Headers of a stream of server-sent events. */
export const eventStreamHeaders: Readonly<Record<string, string>> = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
};

/** One server-sent event as it stands on the wire. */
export function eventText(message: EventMessage): string {
  const id = message.id === undefined ? "" : `id: ${message.id.replace(/[\r\n\0]/g, "")}\n`;
  const event = message.event === undefined ? "" : `event: ${message.event.replace(/[\r\n]/g, "")}\n`;
  const data = message.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("");
  return `${id}${event}${data}\n`;
}

/**
 * Writes the chunks as fast as the reader takes them and no faster; one chunk is in hand at a time. The headers must be set before.
 * Resolves when all is written, or when the signal ended it: an event stream is then closed politely, any other is cut so that nobody
 * takes a part for the whole. Rejects with the source's failure, after cutting.
 */
export async function writeStream(response: ServerResponse, chunks: AsyncIterable<string | Uint8Array>, signal: AbortSignal, options: StreamOptions = {}): Promise<void> {
  const { stallMs = 30_000, heartbeat } = options;
  const endless = String(response.getHeader("content-type") ?? "").startsWith("text/event-stream");
  if (response.req.method === "HEAD") return void response.end();
  const iterator = chunks[Symbol.asyncIterator]();
  let quietSinceMs = performance.now();
  const beat = heartbeat === undefined ? undefined : setInterval(() => {
    const idle = performance.now() - quietSinceMs >= heartbeat.everyMs && response.writableLength === 0;
    if (idle && !response.destroyed) response.write(heartbeat.chunk);
  }, heartbeat.everyMs / 2);
  let abort = (): void => {};
  const aborted = new Promise<"aborted">((resolve) => {
    abort = () => resolve("aborted");
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });

  becomesStream(response, endless);
  try {
    response.flushHeaders();
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === "aborted") break;
      if (next.done === true) {
        response.end();
        return;
      }
      quietSinceMs = performance.now();
      if (!response.write(next.value) && !(await drained(response, aborted, stallMs))) break;
    }
    if (endless) response.end();
    else response.destroy();
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    clearInterval(beat);
    signal.removeEventListener("abort", abort);
    // A source that waits for its next chunk ends when it is asked, which may be later: the answer is over now.
    void iterator.return?.()?.catch(() => {});
  }
}

async function drained(response: ServerResponse, aborted: Promise<"aborted">, stallMs: number): Promise<boolean> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), stallMs);
  try {
    const outcome = await Promise.race([once(response, "drain", { signal: stop.signal }), once(response, "close", { signal: stop.signal }).then(() => "closed" as const), aborted]);
    return Array.isArray(outcome);
  } catch {
    response.destroy();
    return false;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
