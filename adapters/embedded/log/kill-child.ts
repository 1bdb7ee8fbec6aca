import { openEmbeddedLog } from "./open.ts";

// Program of kill.int.test.ts: publishes without end and prints each id once it is acknowledged.
const [directory = "", round = ""] = process.argv.slice(2);
const log = await openEmbeddedLog({ directory });
await log.declareTopics([{ name: "t", partitions: 3, retentionMs: null }]);
const padding = " ".repeat(200);

async function publishForEver(publisher: number): Promise<never> {
  for (let i = 0; ; i += 1) {
    const id = `${round}-${publisher}-${i}`;
    await log.publish("t", [{ key: `k${publisher}`, value: Buffer.from(id + padding) }]);
    process.stdout.write(`${id}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, publisher) => publishForEver(publisher)));
