import { setTimeout as wait } from "node:timers/promises";

/** What a person does meanwhile, so that the steps that only people cause are under way too. */
export interface Person {
  /** Calls that were answered. */
  readonly done: () => number;
  stop(): Promise<void>;
}

const EVERY_MS = 150;
const CALL_WITHIN_MS = 3000;

/** Renames points, sets limits that nothing exceeds, replays what is parked, makes and revokes tokens, until stopped. What fails is let be: the process may be gone. */
export function startPerson({ http, client }: { readonly http: () => string; readonly client: string }): Person {
  const ended = new AbortController();
  let done = 0;
  let turn = 0;

  async function call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(new URL(path, http()), {
      method, signal: AbortSignal.any([ended.signal, AbortSignal.timeout(CALL_WITHIN_MS)]),
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    done += 1;
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  const acts: readonly (() => Promise<void>)[] = [
    async () => {
      const { items } = (await call("GET", `/api/v1/points?client=${client}`)) as { items: { id: string; variables: { variable: string }[] }[] };
      const point = items[turn % Math.max(1, items.length)];
      if (point === undefined) return;
      const [first] = point.variables;
      await call("PUT", `/api/v1/points/${point.id}/config`, { name: `Point ${turn}`, ...(first === undefined ? {} : { limits: [{ variable: first.variable, validFrom: "2100-01-01T00:00:00Z", values: { min: -1e9 - turn } }] }) });
    },
    async () => void (await call("POST", "/api/v1/parked/replay", { client })),
    async () => {
      const { id } = (await call("POST", "/api/v1/tokens", { name: `${client}-${turn}`, role: "viewer", clients: [client] })) as { id: string };
      await call("DELETE", `/api/v1/tokens/${id}`);
    },
  ];

  const working = (async () => {
    while (!ended.signal.aborted) {
      await acts[turn % acts.length]!().catch(() => undefined);
      turn += 1;
      await wait(EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  return {
    done: () => done,
    stop: async () => {
      ended.abort();
      await working;
    },
  };
}
