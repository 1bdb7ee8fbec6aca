import { setTimeout as wait } from "node:timers/promises";

const EVERY_MS = 200;
const ANSWER_MS = 10_000;
const DAY_MS = 24 * 3600 * 1000;

export interface People {
  /** Stops asking. */
  end(): Promise<{ readonly asked: number; readonly notAnswered: number }>;
}

/** Asks an installation five times a second for what people look at: lists, newest values, a day of a point, how it is. */
export function askedInTurn(http: string): People {
  const stop = new AbortController();
  let asked = 0;
  let notAnswered = 0;
  let points: readonly string[] = [];

  async function ask(path: string): Promise<string> {
    asked += 1;
    const response = await fetch(new URL(path, http), { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response?.ok === true && text !== undefined) return text;
    notAnswered += 1;
    return "";
  }

  const turns: readonly (() => Promise<unknown>)[] = [
    async () => {
      const text = await ask("/api/v1/points?limit=100");
      if (text !== "") points = (JSON.parse(text) as { items: { id: string }[] }).items.map(({ id }) => id);
    },
    () => ask("/api/v1/analytics/latest?limit=100"),
    async () => {
      const point = points[asked % Math.max(1, points.length)];
      if (point !== undefined) await ask(`/api/v1/analytics/points/${point}/history?resolution=raw&from=${new Date(Date.now() - DAY_MS).toISOString()}`);
    },
    () => ask("/api/v1/status"),
    () => ask("/api/v1/parked?limit=50"),
  ];
  const asking = (async () => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      await turns[turn % turns.length]!();
      await wait(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    async end() {
      stop.abort();
      await asking;
      return { asked, notAnswered };
    },
  };
}
