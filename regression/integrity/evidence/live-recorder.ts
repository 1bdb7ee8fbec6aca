import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { readPosition } from "../../../analytics/live/position.ts";
import type { LiveRecording } from "./live-recording.ts";

export interface LiveRecorder {
  /** The address that is asked from now on: a restarted installation may serve at another. */
  moveTo(url: string): void;
  /** Resolves when the stream was connected for the first time: what becomes known from then on has to be shown. */
  readonly connected: Promise<void>;
  /** Resolves when everything that stands in the log of the running installation now was shown; rejects after `deadlineMs`. */
  caughtUp(deadlineMs?: number): Promise<void>;
  /** Ends it; what was seen. */
  stop(): Promise<LiveRecording>;
}

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

const RETRY_MS = 50;
const LOOK_MS = 20;

/**
 * Follows the live stream of an installation into a file, over its restarts: each connection goes on behind the last id that was seen. Memory does
 * not grow with what comes.
 */
export function recordLive(url: string, { file, token }: { readonly file: string; readonly token?: string }): LiveRecorder {
  const ended = new AbortController();
  const output = createWriteStream(file);
  const { promise: connected, resolve: begin } = Promise.withResolvers<void>();
  let address = url;
  let moved = new AbortController();
  let last = "";
  let events = 0;
  let resets = 0;
  let completeFromUs = Infinity;

  async function* follow(after: string, signal: AbortSignal): AsyncGenerator<Message> {
    const headers = { accept: "text/event-stream", ...(after === "" ? {} : { "last-event-id": after }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(new URL("/api/v1/live", address), { headers, signal });
    if (!response.ok || response.body === null) throw new Error(`the live stream answers ${response.status}`);
    yield* messagesOf(response.body);
  }

  async function write(line: object): Promise<void> {
    if (!output.write(`${JSON.stringify(line)}\n`)) await once(output, "drain");
  }

  async function take({ id, event, data }: Message): Promise<void> {
    if (id === "") return;
    if (event === "reset") resets += 1;
    if (event === "reset" || completeFromUs === Infinity) {
      completeFromUs = Date.now() * 1000;
      await write({ completeFromUs });
    }
    last = id;
    begin();
    if (event !== "measurement") return;
    events += 1;
    await write({ id, data });
  }

  const running = (async () => {
    while (!ended.signal.aborted) {
      moved = new AbortController();
      const signal = AbortSignal.any([ended.signal, moved.signal]);
      try {
        for await (const message of follow(last, signal)) await take(message);
      } catch {
        // Away, killed or moved: it goes on behind the last id when there is somebody to ask.
      }
      if (!ended.signal.aborted) await wait(RETRY_MS);
    }
  })();

  return {
    connected,
    moveTo(next) {
      address = next;
      moved.abort();
    },
    async caughtUp(deadlineMs = 30_000) {
      const until = performance.now() + deadlineMs;
      const probe = new AbortController();
      let end: string | undefined;
      for await (const { id } of follow("", AbortSignal.any([probe.signal, AbortSignal.timeout(deadlineMs)]))) {
        if (id === "") continue;
        end = id;
        break;
      }
      probe.abort();
      while (!hasReached(last, end ?? "")) {
        if (performance.now() > until) throw new Error(`the live stream has not shown within ${deadlineMs} ms what stands in the log`);
        await wait(LOOK_MS);
      }
    },
    async stop() {
      ended.abort();
      await running;
      await new Promise<void>((resolve) => output.end(resolve));
      return { file, events, resets, completeFromUs };
    },
  };
}

function hasReached(id: string, end: string): boolean {
  const [at, wanted] = [readPosition(id), readPosition(end)];
  return at !== undefined && wanted !== undefined && wanted.every((offset, partition) => (at[partition] ?? 0) >= offset);
}

/** Messages of server-sent events; a heartbeat is a comment with an id and no data. */
async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()]));
      yield { id: fields.get("id") ?? "", event: fields.get("event") ?? (fields.has("data") ? "message" : ""), data: fields.get("data") ?? "" };
    }
  }
}
