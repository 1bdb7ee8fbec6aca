import {
  allows, CaudalError, digestOf, faultOf, type Digest, type FactColumn, type LatestFact, type PointKey, type RangeQuery, type RowBlock, type Scope, type SeriesTier, type TierCapabilities, type TierName, type WriteResult,
} from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { SimulatedProcess } from "./process.ts";
import type { Store } from "./store.ts";
import { isWithdrawn, type Revised, type Row, type TierState } from "./tier-state.ts";

const MAX_ROWS = 4096;
const DAY_US = 86_400_000_000;

type Picked = { readonly instantUs: number; readonly facts: ReadonlyMap<string, Revised> };

/** One process's way to a simulated tier. */
export class SimulatedTier implements SeriesTier {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  readonly #state: TierState;
  readonly #store: Store;
  readonly #process: SimulatedProcess;
  #closed = false;

  constructor(state: TierState, store: Store, process: SimulatedProcess) {
    this.name = state.name;
    this.capabilities = { revisions: state.revisions, durable: "always", retentionMs: state.retentionMs };
    this.#state = state;
    this.#store = store;
    this.#process = process;
  }

  async write(batch: readonly Measurement[]): Promise<WriteResult> {
    this.#mustBeOpen();
    const failed: { index: number; error: Error }[] = [];
    const good: Measurement[] = [];
    for (const [index, measurement] of batch.entries()) {
      const fault = faultOf(measurement);
      if (fault === undefined) good.push(measurement);
      else failed.push({ index, error: new CaudalError("bad-request", fault) });
    }
    return this.#store.write(this.#process, `write(${batch.length})`, () => {
      const result = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0, failed };
      for (const measurement of good) {
        const counts = this.#state.merge(measurement);
        for (const outcome of ["stored", "superseded", "duplicate", "belowFloor"] as const) result[outcome] += counts[outcome];
      }
      return result;
    });
  }

  async *read(scope: Scope, query: RangeQuery): AsyncGenerator<RowBlock> {
    const { order = "ascending", limit = Infinity, asOfUs } = query;
    if (Number.isNaN(query.fromUs) || Number.isNaN(query.toUs)) throw new CaudalError("bad-request", "a range has two ends");
    if (asOfUs !== undefined && this.#state.revisions !== "all") throw new CaudalError("bad-request", `${this.name} keeps the latest revisions only`);
    let { fromUs, toUs } = query;
    for (let left = limit; ;) {
      this.#mustBeOpen();
      if (left <= 0 || !allows(scope, query.client)) return;
      const picked = await this.#store.read(this.#process, "read", () => pick(this.#state.rows(query), { ...query, fromUs, toUs, order }, Math.min(left, MAX_ROWS)));
      if (picked.rows.length > 0) yield toBlock(picked.rows);
      if (picked.rest === undefined) return;
      left -= picked.rows.length;
      if (order === "descending") toUs = picked.rest;
      else fromUs = picked.rest;
    }
  }

  async latest(scope: Scope, points: readonly PointKey[]): Promise<readonly LatestFact[]> {
    this.#mustBeOpen();
    return this.#store.read(this.#process, "latest", () => points.filter(({ client }) => allows(scope, client)).flatMap(({ client, point }) => this.#state.latest({ client, point })));
  }

  async digest(scope: Scope, point: PointKey, dayStartUs: number): Promise<Digest> {
    this.#mustBeOpen();
    if (dayStartUs % DAY_US !== 0) throw new CaudalError("bad-request", `${dayStartUs} does not begin a UTC day`);
    return this.#store.read(this.#process, "digest", () => (allows(scope, point.client) ? this.#state.digest(point, dayStartUs) : digestOf([])));
  }

  async floor(scope: Scope, point: PointKey): Promise<number | undefined> {
    this.#mustBeOpen();
    return this.#store.read(this.#process, "floor", () => (allows(scope, point.client) ? this.#state.floor(point) : undefined));
  }

  async raiseFloor(scope: Scope, point: PointKey, floorUs: number): Promise<void> {
    this.#mustBeOpen();
    if (!allows(scope, point.client)) throw new CaudalError("forbidden", `the scope does not allow client ${point.client}`);
    if (Number.isNaN(floorUs)) throw new CaudalError("bad-request", "a floor is an instant");
    await this.#store.write(this.#process, "raiseFloor", () => this.#state.raiseFloor(point, floorUs));
  }

  async eraseClient(client: string): Promise<{ readonly points: number }> {
    this.#mustBeOpen();
    return this.#store.write(this.#process, "eraseClient", () => ({ points: this.#state.eraseClient(client) }));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", `${this.name} is closed`);
  }
}

/** Rows of the range in the order asked for, at most about `most`; `rest` is where reading goes on. */
function pick(rows: readonly Row[], query: RangeQuery, most: number): { rows: Picked[]; rest: number | undefined } {
  const { fromUs, toUs, order } = query;
  const descending = order === "descending";
  const [first, end] = [indexAt(rows, fromUs), indexAt(rows, toUs)];
  const picked: Picked[] = [];
  for (let step = 0; step < end - first; step += 1) {
    const row = rows[descending ? end - 1 - step : first + step] as Row;
    picked.push(...picksOf(row, query));
    if (picked.length >= most) return { rows: picked, rest: descending ? row.instantUs : row.instantUs + 1 };
  }
  return { rows: picked, rest: undefined };
}

/** What of an instant is read: a row, or with all revisions a row a rank. */
function picksOf({ instantUs, facts }: Row, { variables, asOfUs = Infinity, includeWithdrawn = false, allRevisions = false }: RangeQuery): Picked[] {
  const ranks: Map<string, Revised>[] = [];
  for (const [variable, revisions] of facts) {
    if (variables !== undefined && !variables.includes(variable)) continue;
    const known = revisions.filter(({ knownAtUs }) => knownAtUs <= asOfUs);
    const wanted = (allRevisions ? known : known.slice(0, 1)).filter((revised) => includeWithdrawn || !isWithdrawn(revised));
    for (const [rank, revised] of wanted.entries()) (ranks[rank] ??= new Map()).set(variable, revised);
  }
  return ranks.map((rank) => ({ instantUs, facts: rank }));
}

function toBlock(rows: readonly Picked[]): RowBlock {
  const columns = new Map<string, FactColumn & { reasons: Map<number, readonly string[]> }>();
  for (const [at, { facts }] of rows.entries()) {
    for (const [variable, { fact, authority, knownAtUs }] of facts) {
      let column = columns.get(variable);
      if (column === undefined) {
        column = { variable, values: new Float64Array(rows.length).fill(NaN), flags: new Uint8Array(rows.length), reasons: new Map(), authorities: new Uint8Array(rows.length), knownAtUs: new Float64Array(rows.length) };
        columns.set(variable, column);
      }
      column.values[at] = fact.value ?? NaN;
      column.flags[at] = fact.flag;
      column.authorities[at] = authority;
      column.knownAtUs[at] = knownAtUs;
      if (fact.reasons.length > 0) column.reasons.set(at, fact.reasons);
    }
  }
  return { rows: rows.length, timesUs: Float64Array.from(rows, ({ instantUs }) => instantUs), columns: [...columns.values()] };
}

/** First row at the instant or behind it. */
function indexAt(rows: readonly Row[], instantUs: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as Row).instantUs < instantUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
