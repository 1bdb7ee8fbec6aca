import { systemScope, type CollectionSpec, type DocumentCollection, type Documents, type PointKey, type Scope } from "@caudal/core";
import type { BucketRow } from "../buckets/bucket.ts";
import type { Span } from "../buckets/calendar.ts";
import { packTable, sizeOf, unpackTable, type BucketTable } from "./bucket-table.ts";
import { periodsIn, type Level, type LevelName } from "./level.ts";
import { UnpackedTables } from "./unpacked-tables.ts";

/** One period of one level of a point; the buckets are the blob. */
interface RollupRecord {
  readonly client: string;
  readonly point: string;
  readonly level: LevelName;
  readonly fromUs: number;
  readonly buckets: number;
}

const rollupCollection: CollectionSpec = { name: "rollups", tenant: true, indexes: [["client"]] };
const DOCUMENTS_AT_ONCE = 32;
const WRITES_AT_ONCE = 16;

export interface StoredTable {
  readonly table: BucketTable;
  /** 0 when it is not stored. */
  readonly version: number;
}

/** Stored rollups: a document a point and UTC day (15m), month (1h) or year (1d). */
export class RollupStore {
  readonly #records: DocumentCollection<RollupRecord>;
  readonly #unpacked = new UnpackedTables();

  private constructor(records: DocumentCollection<RollupRecord>) {
    this.#records = records;
  }

  static async open(documents: Documents): Promise<RollupStore> {
    return new RollupStore(await documents.collection<RollupRecord>(rollupCollection));
  }

  /** Stored buckets of the level in the span, which begins and ends at its buckets; rows in time order, some at a time. */
  async *rows(scope: Scope, key: PointKey, level: Level, options: { readonly span: Span; readonly columns: readonly string[] }): AsyncGenerator<BucketRow[]> {
    const { span, columns } = options;
    let periods: number[] = [];
    for (const period of periodsIn(level, span)) {
      periods.push(period);
      if (periods.length < DOCUMENTS_AT_ONCE) continue;
      yield rowsOf(await this.#shared(scope, key, level, periods), level, span, columns);
      periods = [];
    }
    if (periods.length > 0) yield rowsOf(await this.#shared(scope, key, level, periods), level, span, columns);
  }

  /** Tables of these periods by start, an empty one where nothing is stored. */
  async tables(key: PointKey, level: Level, periods: readonly number[]): Promise<Map<number, StoredTable>> {
    const found: Map<number, StoredTable> = new Map();
    for (let i = 0; i < periods.length; i += DOCUMENTS_AT_ONCE) {
      for (const [period, stored] of await this.#tables(systemScope, key, level, periods.slice(i, i + DOCUMENTS_AT_ONCE))) found.set(period, stored);
    }
    for (const period of periods) if (!found.has(period)) found.set(period, { table: new Map(), version: 0 });
    return found;
  }

  /** Compares and sets each table on its own. Rejects with "version-conflict" or "duplicate-key" when another wrote meanwhile: read again. */
  async write(key: PointKey, level: Level, tables: ReadonlyMap<number, StoredTable>): Promise<void> {
    const writes = [...tables];
    for (let i = 0; i < writes.length; i += WRITES_AT_ONCE) {
      await Promise.all(writes.slice(i, i + WRITES_AT_ONCE).map(([period, stored]) => this.#write(key, level, period, stored)));
    }
  }

  /** Removes all rollups of a client; says how many documents. */
  async eraseClient(client: string): Promise<number> {
    let removed = 0;
    for (;;) {
      const page = await this.#records.find({ clients: [client] }, { where: { client }, limit: 1000 });
      if (page.items.length === 0) break;
      for (const { id } of page.items) if (await this.#records.remove({ clients: [client] }, id)) removed += 1;
    }
    this.#unpacked.clear();
    return removed;
  }

  /** Tables that others read as well. */
  async #shared(scope: Scope, key: PointKey, level: Level, periods: readonly number[]): Promise<Map<number, BucketTable>> {
    const stored = await this.#records.getMany(scope, periods.map((period) => idOf(key, level, period)));
    return new Map(stored.flatMap(({ id, body, blob }) => (blob === undefined ? [] : [[body.fromUs, this.#unpacked.of(id, blob)] as const])));
  }

  async #tables(scope: Scope, key: PointKey, level: Level, periods: readonly number[]): Promise<Map<number, StoredTable>> {
    const stored = await this.#records.getMany(scope, periods.map((period) => idOf(key, level, period)));
    return new Map(stored.map(({ body, blob, version }) => [body.fromUs, { table: blob === undefined ? new Map() as BucketTable : unpackTable(blob), version }]));
  }

  async #write(key: PointKey, level: Level, period: number, { table, version }: StoredTable): Promise<void> {
    const buckets = sizeOf(table);
    const id = idOf(key, level, period);
    if (buckets === 0) {
      if (version > 0) await this.#records.remove(systemScope, id, version);
      return;
    }
    const document = { id, body: { ...key, level: level.name, fromUs: period, buckets }, blob: packTable(table) };
    if (version === 0) await this.#records.insert(systemScope, document);
    else await this.#records.replace(systemScope, document, version);
  }
}

function idOf({ point }: PointKey, level: Level, period: number): string {
  return `${point}:${level.name}:${level.periodName(period)}`;
}

function rowsOf(tables: ReadonlyMap<number, BucketTable>, level: Level, span: Span, columns: readonly string[]): BucketRow[] {
  const rows: BucketRow[] = [];
  for (const [periodUs, table] of [...tables].sort(([a], [b]) => a - b)) {
    const sources = columns.map((column) => table.get(column));
    const period = level.periodAt(periodUs);
    const first = Math.max(0, Math.ceil((span.fromUs - periodUs) / level.stepUs));
    const end = Math.min(period.toUs, span.toUs);
    for (let slot = first; periodUs + slot * level.stepUs < end; slot++) {
      if (!sources.some((source) => source?.[slot] !== undefined)) continue;
      const fromUs = periodUs + slot * level.stepUs;
      rows.push({ fromUs, toUs: fromUs + level.stepUs, cells: sources.map((source) => source?.[slot]) });
    }
  }
  return rows;
}
