import { MongoBulkWriteError, type AnyBulkWriteOperation, type Collection } from "mongodb";
import { CaudalError, type CollectionSpec } from "@caudal/core";
import { isDuplicateKey } from "../connection/failure.ts";
import type { MongoConnection } from "../connection/open-mongo.ts";
import type { Content, DocumentRow } from "./row.ts";
import { byId, confirmed } from "./write-token.ts";

export interface Put {
  readonly id: string;
  readonly content: Content;
  readonly token: string;
  /** Exactly this version, where it is put back; the next one otherwise. */
  readonly version?: number;
}

const PUTS_PER_COMMAND = 1000;
const BYTES_PER_COMMAND = 16 * 1024 * 1024;
/** Somebody else's first write of an id, just then, is met once; a unique key that is taken always. */
const TRIES = 3;

/** Writes all in order. Stops at the first that is refused, with "forbidden" or "duplicate-key"; those before it are written. */
export async function putAll(mongo: MongoConnection, rows: Collection<DocumentRow>, spec: CollectionSpec, puts: readonly Put[]): Promise<void> {
  for (const some of commands(puts)) {
    // Survives the attempts: what was found to be written is not sent again.
    let done = 0;
    let tries = 0;
    await mongo.onceMore(async () => {
      while (done < some.length) {
        const refused = await firstRefused(rows, some.slice(done));
        if (refused === undefined) return;
        if (refused > 0) tries = 0;
        done += refused;
        const put = some[done] as Put;
        const there = await confirmed(rows, put.id);
        if (there !== null && there.client !== put.content.client) throw new CaudalError("forbidden", `${spec.name}: document ${put.id} belongs to another client`);
        if (there?.tokens.includes(put.token) === true) done += 1;
        else if (++tries >= TRIES) throw new CaudalError("duplicate-key", `${spec.name}: a unique key of document ${put.id} is taken`);
      }
    });
  }
}

/** In order, each with every id at most once: a command that is sent again must not undo what a later put of the same id wrote. */
function* commands(puts: readonly Put[]): Generator<readonly Put[]> {
  let some = new Map<string, Put>();
  let bytes = 0;
  for (const put of puts) {
    const size = put.content.body.length + (put.content.blob?.length ?? 0);
    if (some.size >= PUTS_PER_COMMAND || (some.size > 0 && bytes + size > BYTES_PER_COMMAND) || some.has(put.id)) {
      yield [...some.values()];
      some = new Map();
      bytes = 0;
    }
    some.set(put.id, put);
    bytes += size;
  }
  if (some.size > 0) yield [...some.values()];
}

/** Index of the first put that met a taken key, if any; those before it are written, those after it not. */
async function firstRefused(rows: Collection<DocumentRow>, puts: readonly Put[]): Promise<number | undefined> {
  try {
    await rows.bulkWrite(puts.map(upsert), { ordered: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isDuplicateKey(error) || error.result.getWriteConcernError() !== undefined) throw error;
    return error.result.getWriteErrorAt(0)?.index ?? 0;
  }
}

/** A document that is another client's, or has this very write already, does not match: the insert then meets its id. */
function upsert({ id, content, token, version }: Put): AnyBulkWriteOperation<DocumentRow> {
  const { client, fields, body, blob } = content;
  return {
    updateOne: {
      filter: { _id: id, tokens: { $ne: token }, ...(client === undefined ? {} : { client }) },
      update: {
        $set: { fields, body, tokens: [token], ...(blob === undefined ? {} : { blob }), ...(version === undefined ? {} : { version }) },
        ...(blob === undefined ? { $unset: { blob: "" } } : {}), ...(version === undefined ? { $inc: { version: 1 } } : {}),
      },
      upsert: true,
      ...byId,
    },
  };
}
