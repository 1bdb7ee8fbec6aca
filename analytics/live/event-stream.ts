import { defineOperation, eventStreamHeaders, eventText, writeStream, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { LiveClients } from "./live-clients.ts";
import { followLive, type LiveMessage } from "./live-feed.ts";
import type { LiveTail } from "./live-tail.ts";

export interface LiveParts {
  readonly tail: LiveTail;
  readonly clients: LiveClients;
}

export interface LiveOptions {
  /** Resolves once the service has started. */
  readonly parts: () => Promise<LiveParts>;
  readonly heartbeatMs: number;
}

/** A connection is ended after that long: who comes back shows its token anew and goes on where it was. */
export const LONGEST_MS = 3_600_000;
const RETRY_MS = 2000;

/** `GET /api/v1/live`: server-sent events that resume by Last-Event-ID. */
export function eventStreamOperation(options: LiveOptions): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/live", operationId: "followLive", tag: "analytics", permission: "read",
    summary: { en: "Measurements as they come, as server-sent events", es: "Mediciones a medida que llegan, como eventos enviados por el servidor" },
    query: z.object({
      points: z.string().max(65_536).optional().describe("Point ids between commas; all of your scope when absent."),
      after: z.string().max(8192).optional().describe("Id of the last event you got, where Last-Event-ID cannot be sent."),
      lang: z.string().max(16).optional(),
    }),
    replies: { 200: { description: "event: measurement, rollup (a stored bucket changed after it had settled), reset; the id of each resumes after it", contentTypes: ["text/event-stream"] } },
    handle: async ({ scope, query, headers, signal, express }) => {
      const { tail, clients } = await options.parts();
      const leave = await clients.enter("sse");
      try {
        const given = headers["last-event-id"];
        const after = typeof given === "string" && given !== "" ? given : query.after;
        const ends = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
        for (const [name, value] of Object.entries(eventStreamHeaders)) express.res.setHeader(name, value);
        const feed = followLive({ tail, scope, points: pointSet(query.points), after, heartbeatMs: options.heartbeatMs, signal: ends });
        await writeStream(express.res, textOf(feed), ends);
      } finally {
        leave();
      }
      return { streamed: true };
    },
  });
}

/** Ids between commas; undefined for all. */
export function pointSet(points: string | undefined): ReadonlySet<string> | undefined {
  return points === undefined ? undefined : new Set(points.split(",").map((point) => point.trim()).filter((point) => point !== ""));
}

async function* textOf(feed: AsyncIterable<readonly LiveMessage[]>): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`;
  for await (const messages of feed) yield messages.map(frame).join("");
}

/** A heartbeat is a comment with an id: the browser remembers the place and tells nobody. */
function frame({ id, event, data }: LiveMessage): string {
  return event === "heartbeat" ? `: heartbeat\nid: ${id}\n\n` : eventText({ id, event, data });
}
