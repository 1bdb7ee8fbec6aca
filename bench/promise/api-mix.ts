import type { Device } from "./device.ts";
import type { HttpCaller } from "./http-call.ts";
import type { Addresses } from "./plan.ts";
import { Timings } from "./timings.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What people ask for, one after the other in turn. */
const operations: readonly { readonly name: string; readonly url: (addresses: Addresses, point: string, nowMs: number) => string }[] = [
  { name: "points list, 100 a page", url: ({ business }) => new URL("/api/v1/points?limit=100", business).href },
  { name: "latest, a page of 100 points", url: ({ analytics }) => new URL("/api/v1/analytics/latest?limit=100", analytics).href },
  { name: "realtime of a point", url: ({ analytics }, point) => new URL(`/api/v1/analytics/points/${point}/realtime`, analytics).href },
  { name: "history, raw, 1 day", url: ({ analytics }, point, nowMs) => history(analytics, point, `${range(nowMs, 1)}&resolution=raw`) },
  { name: "history, days of 1 month", url: ({ analytics }, point, nowMs) => history(analytics, point, `${range(nowMs, 30)}&resolution=1d&tz=America/Santiago`) },
  { name: "CSV, raw, 1 day", url: ({ analytics }, point, nowMs) => history(analytics, point, `${range(nowMs, 1)}&resolution=raw&format=csv`) },
  { name: "parked list", url: ({ business }) => new URL("/api/v1/parked", business).href },
  { name: "status", url: ({ status }) => new URL("/api/v1/status", status).href },
];

function history(base: string, point: string, query: string): string {
  return new URL(`/api/v1/analytics/points/${point}/history?${query}`, base).href;
}

function range(nowMs: number, days: number): string {
  return `from=${new Date(nowMs - days * DAY_MS).toISOString()}&to=${new Date(nowMs).toISOString()}`;
}

/** Calls each operation in turn, without waiting for the answer before, and keeps how long each took to its last byte. */
export class ApiMix {
  readonly timings = new Map<string, Timings>(operations.map(({ name }) => [name, new Timings()]));
  readonly #http: HttpCaller;
  readonly #addresses: Addresses;
  readonly #rich: readonly Device[];
  #turn = 0;

  constructor(options: { readonly http: HttpCaller; readonly addresses: Addresses; readonly rich: readonly Device[] }) {
    this.#http = options.http;
    this.#addresses = options.addresses;
    this.#rich = options.rich;
  }

  /** One call; its time counts when `counted`. Rejects on anything but 200. */
  async next(counted: boolean): Promise<void> {
    const turn = this.#turn++;
    const { name, url } = operations[turn % operations.length]!;
    const device = this.#rich[Math.floor(turn / operations.length) % this.#rich.length]!;
    const { status, body, tookMs } = await this.#http.call(url(this.#addresses, device.point, Date.now()));
    if (status !== 200) throw new Error(`${name}: ${status} ${body.slice(0, 300)}`);
    if (counted) this.timings.get(name)!.add(tookMs);
  }
}
