import { statSync } from "node:fs";
import { join } from "node:path";
import { systemScope } from "@caudal/core";
import { openEmbeddedDocuments } from "../documents/open-documents.ts";
import { openEmbeddedLog } from "../log/open.ts";
import { openEmbeddedTier } from "../tiers/open-tier.ts";
import { documentsOf, measurementsOf, recordsOf, stores, tornTopic, type StoreName } from "./torn-stores.ts";

// A process that writes numbered commits to one store and tells each that is durable with the bytes of write-ahead log it took, until it is killed.
const [, , kind, directory] = process.argv as [string, string, StoreName, string];
const MOST = 2000;

async function writerOf(): Promise<(n: number) => Promise<unknown>> {
  switch (kind) {
    case "log": {
      const log = await openEmbeddedLog({ directory });
      await log.declareTopics([{ name: tornTopic, partitions: 1, retentionMs: null }]);
      return (n) => log.publish(tornTopic, recordsOf(n));
    }
    case "tier": {
      const tier = await openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all", maxPendingFacts: 400 });
      return (n) => tier.write(measurementsOf(n));
    }
    case "documents": {
      const documents = await openEmbeddedDocuments({ directory });
      const collection = await documents.collection({ name: "torn", tenant: false, indexes: [["n"]] });
      return (n) => collection.putMany(systemScope, documentsOf(n));
    }
  }
}

const write = await writerOf();
for (let n = 0; n < MOST; n += 1) {
  await write(n);
  process.stdout.write(`${n} ${statSync(join(directory, `${stores[kind].file}-wal`)).size}\n`);
}
setInterval(() => undefined, 1000);
