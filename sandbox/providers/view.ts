import { unit } from "../seed/hash.ts";
import type { ProviderId, SandboxDevice, SandboxKey } from "../fleet/device.ts";
import { quirkOf, type QuirkName } from "../quirks/quirks.ts";
import type { SeenRow } from "../series/row.ts";
import type { Selection } from "../series/series.ts";
import type { World } from "./world.ts";
import { instantText, offsetText } from "./time-text.ts";

const HOUR_MS = 3_600_000;
const STALE_MS = HOUR_MS;
/** As far back as the newest row is looked for. */
const NEWEST_WITHIN_MS = 30 * 24 * HOUR_MS;

/** A row that an answer gave, as the log keeps it. */
export interface GivenRow {
  readonly device: string;
  readonly key: string;
  readonly ts: number;
  readonly timeUs: number;
  readonly value: number | string | boolean;
  readonly revision: number;
}

export interface Page {
  /** At most; one row more is looked at, to tell whether there is a page after. */
  readonly limit: number;
  readonly skip?: number;
}

/**
 * The data as one request sees it: with the quirks that fire for this request, and with a list of what was given. Whether a quirk fires
 * follows from the seed and the request's number among those of its caller and route.
 */
export class View {
  readonly #world: World;
  readonly #provider: ProviderId;
  readonly #name: string;
  readonly #number: number;
  readonly nowMs: number;
  readonly #decided = new Map<QuirkName, boolean>();
  readonly given: GivenRow[] = [];

  constructor(world: World, { provider, name, number, nowMs }: { readonly provider: ProviderId; readonly name: string; readonly number: number; readonly nowMs: number }) {
    this.#world = world;
    this.#provider = provider;
    this.#name = name;
    this.#number = number;
    this.nowMs = nowMs;
  }

  /** True when this request shows the quirk; always the same within a request. */
  shows(quirk: QuirkName): boolean {
    const decided = this.#decided.get(quirk);
    if (decided !== undefined) return decided;
    const share = this.#world.switches.share(this.#provider, quirk, this.nowMs);
    const shown = share > 0 && this.#chance(quirk) < share;
    this.#decided.set(quirk, shown);
    return shown;
  }

  #chance(quirk: QuirkName): number {
    if (quirkOf(quirk).level !== "window") return unit(`${this.#world.seed}/${this.#provider}/${quirk}/${this.#name}`, this.#number);
    return unit(`${this.#world.seed}/${this.#provider}/${quirk}`, Math.floor(this.nowMs / (quirk === "outage" ? 20 * 60_000 : 5 * 60_000)));
  }

  /** Quirks that showed so far in this request. */
  shown(): readonly QuirkName[] {
    return [...this.#decided].filter(([, shown]) => shown).map(([name]) => name);
  }

  /** A number in [0, 1) that belongs to this request. */
  chance(what: string): number {
    return unit(`${this.#world.seed}/${this.#provider}/${what}/${this.#name}`, this.#number);
  }

  /** The newest row of a key; an older one while the device repeats itself. */
  newest(device: SandboxDevice, key: SandboxKey): SeenRow | undefined {
    if (this.leavesOut(key)) return undefined;
    const share = this.#world.switches.share(this.#provider, "stale-repeats", this.nowMs);
    const window = Math.floor(this.nowMs / STALE_MS);
    const stale = share > 0 && unit(`${this.#world.seed}/${device.device}/stale-repeats`, window) < share;
    if (stale) this.#decided.set("stale-repeats", true);
    const toMs = stale ? window * STALE_MS : this.nowMs + 1;
    return this.#world.series.select(device, key, { fromMs: this.nowMs - NEWEST_WITHIN_MS, toMs, order: "descending", nowMs: this.nowMs }).next().value as SeenRow | undefined;
  }

  /** True when the answer shows nothing of this key: one of the keys is left out, or all are. */
  leavesOut(key: SandboxKey): boolean {
    return this.shows("empty") || (this.shows("missing-keys") && unit(`${this.#world.seed}/${this.#name}/left-out/${key.quantity}`, this.#number) < 0.5);
  }

  /** A page of one key's rows, and whether there are more. */
  rows(device: SandboxDevice, key: SandboxKey, selection: Omit<Selection, "nowMs">, page: Page): { readonly rows: readonly SeenRow[]; readonly more: boolean } {
    return this.leavesOut(key) ? { rows: [], more: false } : this.paged(this.#world.series.select(device, key, { ...selection, nowMs: this.nowMs }), { ...page, newestFirst: selection.order === "descending" && selection.toMs > this.nowMs });
  }

  /** The first so many rows of one key, for a provider that pages over what it makes of them. */
  some(device: SandboxDevice, key: SandboxKey, selection: Omit<Selection, "nowMs">, count: number): readonly SeenRow[] {
    return this.leavesOut(key) ? [] : [...take(this.#world.series.select(device, key, { ...selection, nowMs: this.nowMs }), count)];
  }

  /** A page of rows from newest or oldest; while pages move, the first of several does not show the newest yet, so the others move by as many. */
  paged<T>(all: Iterable<T>, { limit, skip = 0, newestFirst }: Page & { readonly newestFirst: boolean }): { readonly rows: readonly T[]; readonly more: boolean } {
    const found = [...take(all, skip + limit + 4)];
    const arrived = newestFirst && skip === 0 && found.length > limit && this.shows("moving-pages") ? 1 + Math.floor(this.chance("arrived") * 3) : 0;
    return { rows: found.slice(skip + arrived, skip + arrived + limit), more: found.length > skip + arrived + limit };
  }

  /** Rows in the order in which they are written; from here on they count as given. */
  arranged(rows: readonly SeenRow[]): readonly SeenRow[] {
    let list = [...rows];
    if (list.length > 0 && this.shows("duplicates")) list = list.flatMap((row, at) => (at === 0 || this.chance(`twice/${at}`) < 0.3 ? [row, row] : [row]));
    if (list.length > 1 && this.shows("out-of-order")) list = list.map((row, at) => ({ row, at: this.chance(`order/${at}`) })).sort((a, b) => a.at - b.at).map(({ row }) => row);
    for (const row of list) this.give(row);
    return list;
  }

  give({ row, value, revision }: SeenRow): void {
    this.given.push({ device: row.device.device, key: row.key.key, ts: row.timeMs, timeUs: row.timeUs, value, revision });
  }

  /** A value as this answer writes it. */
  value(value: number | string | boolean): number | string | boolean {
    return typeof value === "number" && this.shows("text-numbers") ? String(value) : value;
  }

  /** `2026-03-01T12:00:04.000Z` with `digits` after the point, or what quirks make of it. */
  time(timeUs: number, digits = 3): string {
    if (this.shows("naive-time")) return instantText(timeUs, digits).slice(0, -1);
    return this.shows("offset-time") ? offsetText(timeUs, digits) : instantText(timeUs, digits);
  }
}

function* take<T>(all: Iterable<T>, count: number): Generator<T> {
  if (count <= 0) return;
  let taken = 0;
  for (const each of all) {
    yield each;
    if (++taken >= count) return;
  }
}
