import type { PointKey, Revision } from "@caudal/core";
import type { Fact } from "@caudal/schemas";
import type { Statement } from "../cluster/cluster.ts";
import { encodeFacts } from "./fact-cell.ts";

/** Facts of one row at most, and bytes of their variables' names: they stand in the row's key, which Cassandra bounds. */
const MAX_FACTS = 256;
const MAX_NAME_BYTES = 16_384;
/** What a row takes in a request beside its key's texts and its facts. */
const ROW_BYTES = 64;
/** Rows and bytes of one unlogged batch, which goes to one partition. */
const MAX_BATCH_ROWS = 128;
const MAX_BATCH_BYTES = 256 * 1024;

/** Facts of one instant at one revision. */
export interface NewFacts extends Revision {
  readonly instantUs: number;
  readonly facts: readonly Fact[];
}

export interface RowStatements {
  /** Batches of rows, each of one partition. */
  batches(key: PointKey, spanText: string, facts: readonly NewFacts[]): Generator<readonly Statement[]>;
}

/** Turns facts into rows of the table. The same facts give the same row, so that writing it again changes nothing. */
export function rowStatements(table: string): RowStatements {
  const query = `INSERT INTO ${table} (client, point, span, at, authority, known_at, variables, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
  return {
    *batches({ client, point }, spanText, all) {
      const keyBytes = (client.length + point.length) * 3 + spanText.length + ROW_BYTES;
      let batch: Statement[] = [];
      let bytes = 0;
      let named: readonly Fact[] = [];
      let variables = "[]";
      for (const { instantUs, authority, knownAtUs, facts } of all) {
        for (const some of rowsOf(facts)) {
          // One row mostly names what the one before names.
          if (!haveSameNames(some, named)) variables = JSON.stringify(some.map(({ variable }) => variable));
          named = some;
          const cell = encodeFacts(some);
          const rowBytes = keyBytes + variables.length * 3 + cell.length;
          if (batch.length > 0 && (batch.length >= MAX_BATCH_ROWS || bytes + rowBytes > MAX_BATCH_BYTES)) {
            yield batch;
            batch = [];
            bytes = 0;
          }
          batch.push({ query, params: [client, point, spanText, int64(instantUs), authority, int64(knownAtUs), variables, cell] });
          bytes += rowBytes;
        }
      }
      if (batch.length > 0) yield batch;
    },
  };
}

/** Eight bytes, as the server takes them; cheaper than a bigint, which the driver would turn into the same. */
export function int64(whole: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  const high = Math.floor(whole / 4_294_967_296);
  bytes.writeInt32BE(high, 0);
  bytes.writeUInt32BE(whole - high * 4_294_967_296, 4);
  return bytes;
}

/** Facts in the order of their variables, cut where a row would be too large. */
function rowsOf(facts: readonly Fact[]): readonly (readonly Fact[])[] {
  const inOrder = isInOrder(facts) ? facts : facts.toSorted((a, b) => (a.variable < b.variable ? -1 : 1));
  if (inOrder.length <= 16) return [inOrder];
  const rows: Fact[][] = [];
  let bytes = Infinity;
  for (const fact of inOrder) {
    const nameBytes = Buffer.byteLength(fact.variable) * 2 + 3;
    bytes += nameBytes;
    if (bytes > MAX_NAME_BYTES || rows.at(-1)!.length >= MAX_FACTS) {
      rows.push([]);
      bytes = nameBytes;
    }
    rows.at(-1)!.push(fact);
  }
  return rows;
}

function haveSameNames(a: readonly Fact[], b: readonly Fact[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i]!.variable !== b[i]!.variable) return false;
  return true;
}

function isInOrder(facts: readonly Fact[]): boolean {
  for (let i = 1; i < facts.length; i++) if (!(facts[i - 1]!.variable < facts[i]!.variable)) return false;
  return true;
}
