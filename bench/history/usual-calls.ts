import type { HttpCaller } from "../promise/http-call.ts";
import type { Addresses } from "../promise/plan.ts";
import { Timings } from "../promise/timings.ts";

const DAY_MS = 86_400_000;

/** What is asked again and again, by its name. */
export interface UsualCall {
  readonly name: string;
  readonly url: (turn: number) => string;
}

/** The points are asked in turn, for what stood there at `untilMs`: the same whatever came since. */
export function usualCalls({ analytics, business }: Addresses, points: readonly string[], untilMs: number): UsualCall[] {
  const history = (turn: number, { days, query }: { readonly days: number; readonly query: string }): string => {
    const range = `from=${new Date(untilMs - days * DAY_MS).toISOString()}&to=${new Date(untilMs).toISOString()}`;
    return new URL(`/api/v1/analytics/points/${points[turn % points.length]}/history?${range}&${query}`, analytics).href;
  };
  return [
    { name: "latest, a page of 100 points", url: () => new URL("/api/v1/analytics/latest?limit=100", analytics).href },
    { name: "latest of 1,000 points", url: () => new URL("/api/v1/analytics/latest?limit=1000", analytics).href },
    { name: "history, a day raw", url: (turn) => history(turn, { days: 1, query: "resolution=raw" }) },
    { name: "history, a day in quarter hours", url: (turn) => history(turn, { days: 1, query: "resolution=15m" }) },
    { name: "history, days of a month", url: (turn) => history(turn, { days: 30, query: "resolution=1d&tz=America/Santiago" }) },
    { name: "points list, 100 a page", url: () => new URL("/api/v1/points?limit=100", business).href },
  ];
}

/** Asks all of them in turn, one call after the other, until the signal says so; at least once. Rejects on anything but 200. */
export async function askAll(calls: readonly UsualCall[], { http, until }: { readonly http: HttpCaller; readonly until: AbortSignal }): Promise<Map<string, Timings>> {
  const timings = new Map(calls.map(({ name }) => [name, new Timings()]));
  for (let turn = 0; turn === 0 || !until.aborted; turn++) {
    for (const { name, url } of calls) {
      const { status, body, tookMs } = await http.call(url(turn));
      if (status !== 200) throw new Error(`${name}: ${status} ${body.slice(0, 300)}`);
      timings.get(name)!.add(tookMs);
    }
  }
  return timings;
}
