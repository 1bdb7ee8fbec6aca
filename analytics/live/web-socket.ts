import type { Scope } from "@caudal/core";
import { Problem, type Logger, type Upgrade, type UpgradeCaller } from "@caudal/runtime";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { z } from "zod";
import { LONGEST_MS, pointSet, type LiveOptions, type LiveParts } from "./event-stream.ts";
import { followLive, type LiveMessage } from "./live-feed.ts";
import { writePosition } from "./position.ts";

const MAX_MESSAGE_BYTES = 65_536;
const MAX_MESSAGES = 100;
/** A client that takes nothing for that long is cut. */
const STALL_MS = 30_000;
/** A client that wants to say where it goes on does so at once. */
const FIRST_WORD_MS = 250;
const closeCodes = { goingAway: 1001, policy: 1008, tooBusy: 1013, failed: 1011 } as const;

const requestSchema = z.object({ after: z.string().max(8192).optional(), points: z.array(z.string().max(128)).max(10_000).optional() });
type LiveRequest = z.output<typeof requestSchema>;

/** `/ws`: the live stream as WebSocket messages `{ id, event, data }`. The client may send `{ after?, points? }` first, and again whenever it wants another selection. */
export function webSocketUpgrade(options: LiveOptions & { readonly logger: Logger }): Upgrade {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false });
  return {
    path: "/ws",
    permission: "read",
    handle: (request, socket, head, caller) => {
      const query = new URL(request.url ?? "/", "ws://localhost").searchParams;
      const points = pointSet(query.get("points") ?? undefined);
      const asked: LiveRequest = { ...optional("after", query.get("after")), ...(points === undefined ? {} : { points: [...points] }) };
      server.handleUpgrade(request, socket, head, (webSocket) => {
        serve(webSocket, { caller, asked, options }).catch((error: unknown) => {
          const isBusy = error instanceof Problem && error.code === "overloaded";
          if (!isBusy) options.logger.warn("live.websocket-failed", { error });
          webSocket.close(isBusy ? closeCodes.tooBusy : closeCodes.failed);
        });
      });
    },
  };
}

interface Session {
  readonly caller: UpgradeCaller;
  readonly asked: LiveRequest;
  readonly options: LiveOptions;
}

async function serve(webSocket: WebSocket, { caller, asked, options }: Session): Promise<void> {
  const closed = new AbortController();
  const requests = new Requests(asked);
  webSocket.on("close", () => closed.abort());
  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("message", (data) => {
    if (!requests.take(data)) webSocket.close(closeCodes.policy, "send { after?, points? }");
  });
  const parts = await options.parts();
  const leave = await parts.clients.enter("websocket");
  const ends = AbortSignal.any([caller.signal, closed.signal, AbortSignal.timeout(LONGEST_MS)]);
  const stopWatching = watchPongs(webSocket, options.heartbeatMs);
  try {
    const mayStillAsk = !requests.hasAsked;
    requests.begin(writePosition(parts.tail.position()));
    if (mayStillAsk) await requests.firstWord(ends);
    while (!ends.aborted) await follow(webSocket, requests, { parts, scope: caller.scope, options, ends });
  } finally {
    stopWatching();
    leave();
    if (!closed.signal.aborted) webSocket.close(closeCodes.goingAway);
  }
}

/** Follows one selection until the client asks for another or the session ends. */
async function follow(webSocket: WebSocket, requests: Requests, session: { readonly parts: LiveParts; readonly scope: Scope; readonly options: LiveOptions; readonly ends: AbortSignal }): Promise<void> {
  const { parts, scope, options, ends } = session;
  const { request, changed } = requests.current();
  const signal = AbortSignal.any([ends, changed]);
  const points = request.points === undefined ? undefined : new Set(request.points);
  for await (const messages of followLive({ tail: parts.tail, scope, points, after: request.after, heartbeatMs: options.heartbeatMs, signal })) {
    if (changed.aborted || !(await sent(webSocket, messages))) return;
    requests.reached(messages.at(-1)!.id);
  }
}

/** Resolves when the socket took all of them, so that the next batch waits for a slow client; false when it is closed or stalls. */
function sent(webSocket: WebSocket, messages: readonly LiveMessage[]): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => webSocket.terminate(), STALL_MS);
    messages.forEach((message, index) => webSocket.send(textOf(message), index < messages.length - 1 ? undefined : (error) => {
      clearTimeout(timer);
      resolve(error === undefined || error === null);
    }));
  });
}

function textOf({ id, event, data }: LiveMessage): string {
  return `{"id":"${id}","event":"${event}","data":${data === "" ? "null" : data}}`;
}

/** What the client wants, and where it is. */
class Requests {
  #request: LiveRequest;
  #changed = new AbortController();
  #messages = 0;

  constructor(asked: LiveRequest) {
    this.#request = asked;
  }

  current(): { readonly request: LiveRequest; readonly changed: AbortSignal } {
    return { request: this.#request, changed: this.#changed.signal };
  }

  /** True when it already said what it wants. */
  get hasAsked(): boolean {
    return this.#messages > 0 || this.#request.after !== undefined || this.#request.points !== undefined;
  }

  /** Where it is unless it says otherwise. */
  begin(id: string): void {
    this.#request = { after: id, ...this.#request };
  }

  reached(id: string): void {
    this.#request = { ...this.#request, after: id };
  }

  /** False for what is no request. */
  take(data: RawData): boolean {
    this.#messages += 1;
    const parsed = this.#messages > MAX_MESSAGES ? undefined : requestSchema.safeParse(jsonOf(data));
    if (parsed?.success !== true) return false;
    const { after = this.#request.after, points } = parsed.data;
    this.#request = { ...optional("after", after), ...(points === undefined ? {} : { points }) };
    this.#changed.abort();
    this.#changed = new AbortController();
    return true;
  }

  async firstWord(ends: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ends, this.#changed.signal]);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_WORD_MS);
      signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
    });
  }
}

function jsonOf(data: RawData): unknown {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return undefined;
  }
}

function optional(name: "after", value: string | null | undefined): { after?: string } {
  return value === null || value === undefined ? {} : { [name]: value };
}

/** Asks now and then whether the other side is there; who does not answer is cut. */
function watchPongs(webSocket: WebSocket, everyMs: number): () => void {
  let isAlive = true;
  webSocket.on("pong", () => (isAlive = true));
  const timer = setInterval(() => {
    if (!isAlive) return webSocket.terminate();
    isAlive = false;
    webSocket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}
