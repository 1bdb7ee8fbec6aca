import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { MongoClient } from "mongodb";
import type { Documents } from "@caudal/core";
import { openEmbeddedDocuments } from "../../../adapters/embedded/index.ts";
import { openMongoDocuments } from "../../../adapters/mongo/index.ts";
import { databaseUrl } from "../../../adapters/mongo/test-database.ts";
import { withEngine } from "../../../tools/engines/for-tests.ts";

/** A store of one test. `other` is how a second process has it; `reopen` ends the first and comes back. */
export interface TestStore {
  readonly first: Documents;
  readonly other: Documents;
  reopen(): Promise<Documents>;
}

export type OpenStore = (context: Pick<TestContext, "after">) => Promise<TestStore>;

/** Registers tests once for the embedded engine and once for MongoDB. */
export function onEachStore(register: (name: string, open: OpenStore) => void): void {
  register("embedded", async (context) => {
    const directory = await mkdtemp(join(tmpdir(), "caudal-ledger-"));
    let documents = await openEmbeddedDocuments({ directory });
    context.after(async () => {
      await documents.close();
      await rm(directory, { recursive: true });
    });
    return {
      first: documents, other: documents,
      reopen: async () => {
        await documents.close();
        return (documents = await openEmbeddedDocuments({ directory }));
      },
    };
  });
  withEngine("mongo", (server) => register("MongoDB", async (context) => {
    const url = databaseUrl(server);
    const opened: Documents[] = [];
    const open = async (): Promise<Documents> => {
      const documents = await openMongoDocuments({ url });
      opened.push(documents);
      return documents;
    };
    context.after(async () => {
      for (const documents of opened) await documents.close();
      const client = await MongoClient.connect(url);
      await client.db().dropDatabase();
      await client.close();
    });
    return { first: await open(), other: await open(), reopen: open };
  }));
}
