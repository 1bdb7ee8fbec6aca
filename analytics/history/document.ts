import { variableRow, type RowBlock } from "@caudal/core";
import { bucketCsvHeader, bucketCsvRow, bucketItem, type BucketTextOptions } from "../formats/bucket-text.ts";
import { csvComment, csvField } from "../formats/csv-text.ts";
import { rawCsvHeader, rawCsvRows } from "../formats/raw-csv.ts";
import { rawItems } from "../formats/raw-json.ts";
import { TimeText } from "../formats/time-text.ts";
import { writeCursor, type HistoryCursor } from "./cursor.ts";
import type { PlannedHistory, Served } from "./history.ts";
import type { Piece } from "./pieces.ts";

/** Told how many rows were written. */
export type CountRows = (rows: number) => void;

/** The history as CSV: comment lines, a header, a row an instant or bucket. */
export async function* csvDocument(history: PlannedHistory, { rounded = false }: { readonly rounded?: boolean }, count: CountRows): AsyncGenerator<string | Uint8Array> {
  const { columns, resolution, span } = history;
  const decimals = rounded ? columns.map(({ variable }) => variableRow(variable)?.decimals) : undefined;
  const texts = { ...textsOf(history), decimals };
  yield await csvHead(history);
  if (decimals !== undefined) yield csvComment("rounded to", columns.map(({ variable }, column) => `${variable} ${decimals[column] ?? "all"}`).join(" / "));
  if (resolution === "raw") {
    yield csvHeader(rawCsvHeader(columns));
    for await (const block of history.rawBlocks(span)) {
      yield* rawCsvRows(block, columns, texts);
      count(block.rows);
    }
    return;
  }
  yield csvHeader(bucketCsvHeader(columns));
  for await (const rows of history.bucketRows(span)) {
    yield rows.map((row) => bucketCsvRow(row, texts)).join("");
    count(rows.length);
  }
}

/** One JSON object a line. */
export async function* ndjsonDocument(history: PlannedHistory, count: CountRows): AsyncGenerator<string> {
  for await (const items of itemBatches(history, { fromUs: history.span.fromUs })) {
    yield items.map(({ text }) => `${text}\n`).join("");
    count(items.length);
  }
}

/** A page as one JSON object, written as it is read. */
export async function* jsonDocument(history: PlannedHistory, page: { readonly cursor: HistoryCursor | undefined; readonly limit: number }, count: CountRows): AsyncGenerator<string> {
  const { info, span, resolution, zone, columns, asOfUs } = history;
  const times = new TimeText(zone);
  const fromUs = Math.max(span.fromUs, page.cursor?.fromUs ?? -Infinity);
  const head = {
    point: info.key.point, from: times.format(span.fromUs), to: times.format(span.toUs), resolution, tz: zone,
    ...(asOfUs === undefined ? {} : { asOf: times.format(asOfUs) }),
    columns: columns.map(({ variable, unit, column }) => ({ variable, unit, column })), coverage: await history.coverage(),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  const pieces: Piece[] = [];
  let rows = 0;
  let next: number | undefined;
  // One row more than the page holds says whether there is another page.
  for await (const items of itemBatches(history, { fromUs, limit: page.limit + 1, onPiece: (piece) => pieces.push(piece) })) {
    const taken = items.slice(0, page.limit - rows);
    yield (rows === 0 || taken.length === 0 ? "" : ",") + taken.map(({ text }) => text).join(",");
    rows += taken.length;
    count(taken.length);
    next = items[taken.length]?.fromUs;
    if (next !== undefined) break;
  }
  const untilUs = next ?? span.toUs;
  const read = resolution === "raw" ? [{ from: "raw" as const, fromUs, toUs: untilUs }] : pieces.filter((piece) => piece.fromUs < untilUs).map((piece) => ({ ...piece, toUs: Math.min(piece.toUs, untilUs) }));
  const served = (await history.served(read)).map((part) => servedJson(part, times));
  const tail = { served, next: next === undefined ? null : writeCursor({ fromUs: next, resolution }) };
  yield `],${JSON.stringify(tail).slice(1)}`;
}

interface Item {
  readonly fromUs: number;
  readonly text: string;
}

async function* itemBatches(history: PlannedHistory, options: { readonly fromUs: number; readonly limit?: number; readonly onPiece?: (piece: Piece) => void }): AsyncGenerator<Item[]> {
  const texts = textsOf(history);
  if (history.resolution !== "raw") {
    for await (const rows of history.bucketRows(options)) yield rows.map((row) => ({ fromUs: row.fromUs, text: bucketItem(row, texts) }));
    return;
  }
  for await (const block of history.rawBlocks(options)) yield rawBatch(block, history, texts.times);
}

function rawBatch(block: RowBlock, { columns }: PlannedHistory, times: TimeText): Item[] {
  return Array.from(rawItems(block, columns, times), (text, row) => ({ fromUs: block.timesUs[row]!, text }));
}

function textsOf({ columns, expectation, zone }: PlannedHistory): BucketTextOptions {
  return { columns, expectation, times: new TimeText(zone) };
}

async function csvHead(history: PlannedHistory): Promise<string> {
  const { info, columns, span, zone, resolution, asOfUs } = history;
  const times = new TimeText(zone);
  const { expected, received, flagged, ratio } = await history.coverage();
  const share = ratio === null ? "" : ` (${(ratio * 100).toFixed(1)} %)`;
  return [
    csvComment("point", info.key.point), csvComment("name", info.record.name), csvComment("client", info.key.client),
    csvComment("units", columns.map(({ variable, unit }) => `${variable} in ${unit === "" ? "its own unit" : unit}`).join(" / ")),
    csvComment("tz", zone), csvComment("from", times.format(span.fromUs)), csvComment("to", times.format(span.toUs)), csvComment("resolution", resolution),
    ...(asOfUs === undefined ? [] : [csvComment("as of", times.format(asOfUs))]),
    csvComment("coverage", `${received} of ${expected} facts${share} / ${flagged} flagged`),
  ].join("");
}

function csvHeader(header: string): string {
  return `${header.trimEnd().split(",").map(csvField).join(",")}\n`;
}

function servedJson({ by, fromUs, toUs }: Served, times: TimeText): object {
  return { ...by, from: times.format(fromUs), to: times.format(toUs) };
}
