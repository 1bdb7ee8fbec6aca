import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { openLog } from "../../adapters/kafka/open.ts";
import { ownUrl, quickTiming } from "../../adapters/kafka/test-harness.ts";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { ledgerTests } from "../test-parts/ledger-tests.ts";

withEngine("kafka", (url) => {
  ledgerTests("kafka", async (context) => {
    const directory = await mkdtemp(join(tmpdir(), "caudal-ledger-"));
    const log = await openLog({ url: ownUrl(url), timing: quickTiming });
    const documents = await openEmbeddedDocuments({ directory });
    context.after(async () => {
      await Promise.all([log.close(), documents.close()]);
      await rm(directory, { recursive: true, force: true });
    });
    return { log, documents };
  });
});
