import { randomBytes } from "node:crypto";
import type { Collection } from "mongodb";
import type { DocumentRow } from "./row.ts";

/** As many writes back a document says whose they were. */
export const TOKENS_KEPT = 4;

/** For what asks by id and something else: the server need not try the other index that would do. */
export const byId = { hint: { _id: 1 } } as const;

/** Names of writes that no other process gives: one random part a process, then a number. */
export class WriteTokens {
  readonly #process = randomBytes(9).toString("base64url");
  #next = 0;

  next(): string {
    return `${this.#process}.${(this.#next++).toString(36)}`;
  }
}

/** Whether a write whose answer was lost made this version of the document: "unknown" when too many came after it, or the document is gone. */
export type Verdict = "ours" | "not-ours" | "unknown";

export function judge(row: Pick<DocumentRow, "version" | "tokens"> | null, token: string, version: number): Verdict {
  if (row === null) return "unknown";
  if (row.version < version) return "not-ours";
  const made = row.tokens[row.version - version];
  return made === undefined ? "unknown" : made === token ? "ours" : "not-ours";
}

/**
 * The document as every majority has it, this very moment: a write found by it is durable, and one that is not found will never be there.
 * Waits for a majority, at most ten seconds.
 */
export async function confirmed(rows: Collection<DocumentRow>, id: string): Promise<Pick<DocumentRow, "version" | "tokens" | "client"> | null> {
  return rows.findOne({ _id: id }, { projection: { version: 1, tokens: 1, client: 1 }, readConcern: { level: "linearizable" }, maxTimeMS: 10_000 });
}
