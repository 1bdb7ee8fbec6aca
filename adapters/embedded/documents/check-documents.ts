import { type CheckedSlice, hasCode } from "@caudal/core";
import type { Sqlite } from "../sqlite/database.ts";
import { toCaudalError } from "../sqlite/failure.ts";
import { isAsWritten } from "./collection-table.ts";

const ROWS = 200;
const FILE = "file";

/**
 * Checks a slice of the documents' file: rows by their checksums, as they lie in the file, a collection after the other; at last the whole file with its
 * indexes by SQLite's own check. `after` is `collection number:row`, or "file".
 */
export function checkDocuments(db: Sqlite, after: string | undefined): CheckedSlice {
  try {
    if (after === FILE) return { problems: db.integrityProblems().map((detail) => ({ place: "documents.db", detail })), bytes: 0 };
    const [number, row] = after === undefined ? [0, -1] : (after.split(":").map(Number) as [number, number]);
    const table = db.prepare("SELECT number, name FROM collections WHERE number >= ? ORDER BY number LIMIT 1").get(number);
    if (table === undefined) return { problems: [], bytes: 0, next: FILE };
    const found = Number(table["number"]);
    return checkRows(db, { number: found, name: String(table["name"]), row: found === number ? row : -1 });
  } catch (error) {
    const failure = toCaudalError(error, db.path);
    if (!hasCode(failure, "corrupt")) throw failure;
    return { problems: [{ place: "documents.db", detail: failure instanceof Error ? failure.message : "a page cannot be read" }], bytes: 0, ...(after === FILE ? {} : { next: FILE }) };
  }
}

function checkRows(db: Sqlite, { number, name, row }: { readonly number: number; readonly name: string; readonly row: number }): CheckedSlice {
  const table = `documents_${number}`;
  // A collection that only an older release has opened has no checksums yet.
  if (db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'crc'").get(table) === undefined) return { problems: [], bytes: 0, next: `${number + 1}:-1` };
  const rows = db.prepare(`SELECT rowid AS place, id, client, body, blob, crc FROM ${table} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS}`).all(row);
  const last = rows.at(-1);
  return {
    problems: rows.filter((each) => !isAsWritten(each)).map(({ id }) => ({ place: `${name}/${String(id)}`, detail: `document ${String(id)} of ${name} is not what was written` })),
    bytes: rows.reduce((sum, { body, blob }) => sum + String(body).length + (blob instanceof Uint8Array ? blob.length : 0), 0),
    next: last === undefined ? `${number + 1}:-1` : `${number}:${String(last["place"])}`,
  };
}
