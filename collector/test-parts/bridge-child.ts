import { topics, topicSpecs, type EventLog } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, localPrincipal, parseSettings, silentLogger, systemClock } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { collectorSettings, createCollector } from "../index.ts";

/**
 * A collector that a test may kill. Arguments: the data folder, what CAUDAL_MQTT says, and where it stops for ever: `never`,
 * `before-durable` (messages were received, the log was not asked) or `before-ack` (the log has them, nobody was told). Says
 * `held` on standard output once it holds some there, and `durable N` after each publish of readings.
 */
const [directory = "", url = "", holdAt = "never"] = process.argv.slice(2);
const log = await openEmbeddedLog({ directory });
await log.declareTopics(topicSpecs(2));
let durable = 0;

async function hold(): Promise<void> {
  process.stdout.write("held\n");
  await new Promise(() => {});
}

const gated = new Proxy(log, {
  get: (target, name: keyof EventLog) => name === "publish"
    ? async (topic: string, records: Parameters<EventLog["publish"]>[1]) => {
      if (holdAt === "before-durable") await hold();
      await target.publish(topic, records);
      if (holdAt === "before-ack") await hold();
      if (topic === topics.readings) process.stdout.write(`durable ${(durable += records.length)}\n`);
    }
    : (target[name] as (...args: never[]) => unknown).bind(target),
});
const codec = await Codec.open(openFileRegistry());
const metrics = createMetrics({ process: false });
const settings = parseSettings(collectorSettings, { env: { CAUDAL_MQTT: url, CAUDAL_MQTT_CLIENT_ID: "caudal-kill-test" } });
const collector = createCollector({
  log: gated, codec, documents: await openEmbeddedDocuments({ directory }), parker: createParker({ log: gated, codec, metrics }), clock: systemClock, logger: silentLogger, metrics, settings,
  authenticate: async () => localPrincipal,
});
await collector.start();
setInterval(() => process.stdout.write(`state ${collector.status().bridges[0]?.state ?? "listening"}\n`), 20);
