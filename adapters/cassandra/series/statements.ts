import type { PointKey } from "@caudal/core";
import type { Statement } from "../cluster/cluster.ts";
import type { Tables } from "../migrations/tables.ts";

export type PointStatements = ReturnType<typeof pointStatements>;

/** All that is ever asked of the tables, apart from how facts are written and read. Values follow the point in the order of the markers. */
export function pointStatements({ points, spans, clients, facts, chunks }: Tables) {
  const one = "WHERE client = ? AND point = ?";
  const statement = (query: string) => ({ client, point }: PointKey, ...params: readonly unknown[]): Statement => ({ query, params: [client, point, ...params] });
  return {
    /** Floor and the like, and the newest facts beside them. */
    point: statement(`SELECT era, floor, begun, days_from, of_era, variable, newest FROM ${points} ${one}`),
    head: statement(`SELECT era, floor, days_from FROM ${points} ${one} LIMIT 1`),
    addPoint: statement(`INSERT INTO ${points} (client, point, era, floor, begun) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`),
    begin: updatedIf(`UPDATE ${points} SET begun = true, floor = ? ${one} IF floor = ? AND begun = false`),
    moveFloor: updatedIf(`UPDATE ${points} SET floor = ? ${one} IF floor = ?`),
    splitDays: updatedIf(`UPDATE ${points} SET days_from = ? ${one} IF days_from = ?`),
    removeHead: statement(`DELETE era, floor, begun, days_from FROM ${points} ${one} IF era = ?`),
    setNewest: ({ client, point }: PointKey, era: bigint, variable: string, newest: { readonly instantUs: bigint; readonly cell: Buffer }): Statement => ({
      query: `UPDATE ${points} USING TIMESTAMP ? SET newest = ? ${one} AND of_era = ? AND variable = ?`, params: [newest.instantUs, newest.cell, client, point, era, variable],
    }),
    removeNewest: ({ client, point }: PointKey, writtenUpTo: bigint, era: bigint): Statement => ({
      query: `DELETE FROM ${points} USING TIMESTAMP ? ${one} AND of_era = ?`, params: [writtenUpTo, client, point, era],
    }),
    spans: statement(`SELECT span FROM ${spans} ${one} AND span >= ? AND span <= ?`),
    addSpan: statement(`INSERT INTO ${spans} (client, point, span) VALUES (?, ?, ?)`),
    removeSpan: statement(`DELETE FROM ${spans} ${one} AND span = ?`),
    removeSpans: statement(`DELETE FROM ${spans} ${one}`),
    removeFacts: statement(`DELETE FROM ${facts} ${one} AND span = ?`),
    removeFactsBelow: statement(`DELETE FROM ${facts} ${one} AND span = ? AND at < ?`),
    looseFact: statement(`SELECT at FROM ${facts} ${one} AND span = ? AND at >= ? AND at < ? LIMIT 1`),
    writtenFacts: statement(`SELECT at, authority, known_at, variables, facts, WRITETIME(facts) AS written FROM ${facts} ${one} AND span = ? AND at >= ? AND at < ?`),
    removeWrittenFacts: ({ client, point }: PointKey, writtenUpTo: bigint, { span, fromUs, toUs }: { readonly span: string; readonly fromUs: Buffer; readonly toUs: Buffer }): Statement => ({
      query: `DELETE FROM ${facts} USING TIMESTAMP ? ${one} AND span = ? AND at >= ? AND at < ?`, params: [writtenUpTo, client, point, span, fromUs, toUs],
    }),
    setFence: ({ client, point }: PointKey, month: string, dayStartUs: Buffer, fenceUs: bigint): Statement => ({
      query: `INSERT INTO ${chunks} (client, point, month, day, fence) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`, params: [client, point, month, dayStartUs, fenceUs, fenceUs],
    }),
    setChunk: ({ client, point }: PointKey, month: string, dayStartUs: Buffer, { chunk, fenceUs }: { readonly chunk: Buffer; readonly fenceUs: bigint }): Statement => ({
      query: `INSERT INTO ${chunks} (client, point, month, day, chunk) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`, params: [client, point, month, dayStartUs, chunk, fenceUs],
    }),
    chunk: statement(`SELECT chunk, WRITETIME(chunk) AS written FROM ${chunks} ${one} AND month = ? AND day = ?`),
    chunks: statement(`SELECT day, chunk FROM ${chunks} ${one} AND month = ? AND day >= ? AND day < ?`),
    chunksDownwards: statement(`SELECT day, chunk FROM ${chunks} ${one} AND month = ? AND day >= ? AND day < ? ORDER BY day DESC`),
    fences: statement(`SELECT day, fence FROM ${chunks} ${one} AND month = ? AND day >= ? AND day < ?`),
    removeChunks: statement(`DELETE FROM ${chunks} ${one} AND month = ?`),
    removeChunksBelow: statement(`DELETE FROM ${chunks} ${one} AND month = ? AND day < ?`),
    addToClient: (client: string, shard: number, point: string): Statement => ({ query: `INSERT INTO ${clients} (client, shard, point) VALUES (?, ?, ?)`, params: [client, shard, point] }),
    pointsOfClient: (client: string, shard: number): Statement => ({ query: `SELECT point FROM ${clients} WHERE client = ? AND shard = ?`, params: [client, shard] }),
    removeFromClient: (client: string, shard: number, point: string): Statement => ({ query: `DELETE FROM ${clients} WHERE client = ? AND shard = ? AND point = ?`, params: [client, shard, point] }),
  };
}

/** `UPDATE … SET … = ? WHERE client = ? AND point = ? IF … = ?`: what to set, the point, what must stand there. */
function updatedIf(query: string) {
  return ({ client, point }: PointKey, set: unknown, expected: unknown): Statement => ({ query, params: [set, client, point, expected] });
}
