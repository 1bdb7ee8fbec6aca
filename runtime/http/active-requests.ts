import type { ServerResponse } from "node:http";

/** The requests that a server is answering, so that it can bound them and let them finish. */
export interface ActiveRequests {
  /** The signal aborts when the caller goes before the answer is whole, and when the server must let go. */
  begin(response: ServerResponse): AbortSignal;
  /** Requests being answered that are not streams. */
  inFlight(): number;
  /** Ends what would never end by itself. */
  endEventStreams(): void;
  abortAll(): void;
  /** Resolves once nothing is being answered. */
  idle(): Promise<void>;
}

interface Active {
  readonly controller: AbortController;
  kind: "answer" | "stream" | "event-stream";
}

const streamHooks = new WeakMap<ServerResponse, (endless: boolean) => void>();

/** Told by `writeStream`: the answer is a stream from here on, endless or not. */
export function becomesStream(response: ServerResponse, endless: boolean): void {
  streamHooks.get(response)?.(endless);
}

export function createActiveRequests(): ActiveRequests {
  const active = new Set<Active>();
  const waiting = new Set<() => void>();
  let answers = 0;

  return {
    begin: (response) => {
      const entry: Active = { controller: new AbortController(), kind: "answer" };
      active.add(entry);
      answers++;
      streamHooks.set(response, (endless) => {
        if (entry.kind === "answer" && active.has(entry)) answers--;
        entry.kind = endless ? "event-stream" : "stream";
      });
      response.once("close", () => {
        active.delete(entry);
        if (entry.kind === "answer") answers--;
        if (!response.writableFinished) entry.controller.abort(new Error("the caller is gone"));
        if (active.size === 0) for (const resolve of [...waiting]) resolve();
      });
      return entry.controller.signal;
    },
    inFlight: () => answers,
    endEventStreams: () => {
      for (const { kind, controller } of active) if (kind === "event-stream") controller.abort(new Error("the server is stopping"));
    },
    abortAll: () => {
      for (const { controller } of active) controller.abort(new Error("the server is stopping"));
    },
    idle: () => new Promise((resolve) => {
      if (active.size === 0) return resolve();
      const settle = (): void => {
        waiting.delete(settle);
        resolve();
      };
      waiting.add(settle);
    }),
  };
}
