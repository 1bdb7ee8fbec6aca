import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaRegistrySuite } from "@caudal/contract-tests";
import { readSchemaFiles } from "@caudal/schemas";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { openSchemaRegistry } from "./open-registry.ts";
import { startGate } from "./test-gate.ts";

withEngine("registry", (url) => {
  schemaRegistrySuite("a Confluent-compatible registry", async () => {
    const directory = await mkdtemp(join(tmpdir(), "caudal-registry-"));
    const gate = await startGate(url);
    return {
      open: () => openSchemaRegistry({ url: gate.url, cacheDirectory: directory }),
      committed: readSchemaFiles(),
      registers: true,
      cutOff: () => gate.refuse(),
      dispose: async () => {
        await gate.close();
        await rm(directory, { recursive: true });
      },
    };
  });
});
