import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFoundation, type Foundation } from "../../caudal/composition/foundation.ts";
import { parseAllSettings } from "../../caudal/composition/all-settings.ts";
import { mqttAuthenticate } from "../../caudal/composition/mqtt-authenticate.ts";
import { makeCollector } from "../../caudal/composition/services.ts";
import { createFleetCredentials } from "../../caudal/demo/fleet-credentials.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { createLogger } from "../../runtime/index.ts";
import { answerParent, type Receiving } from "./answer-parent.ts";
import { readStored } from "./stored.ts";

/*
 * The collector by itself, composed as in an installation: a process of its own, so that its CPU time is that of the intake alone. It is told by its
 * environment where messages come from and what the log is.
 */

const STOP_MS = 10_000;
const CONNECT_MS = 20_000;

answerParent(async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-intake-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const settings = parseAllSettings({ env: process.env });
  const logger = createLogger({ level: "warn", destination: process.stderr });
  try {
    return await receiving(await openFoundation([], { dataDirectory: folder, settings, logger }), remove);
  } catch (error) {
    await remove();
    throw error;
  }
});

async function receiving(foundation: Foundation<never>, remove: () => Promise<void>): Promise<Receiving> {
  const { tokens, metrics, codec, ports: { log } } = foundation;
  const collector = makeCollector(foundation, mqttAuthenticate({ lookup: tokens.lookup, tokensRequired: false, fleet: createFleetCredentials() }));
  await collector.start();
  const address = collector.mqttAddress();
  await until("the bridges are connected", () => collector.status().bridges.every(({ state }) => state === "connected") || undefined, CONNECT_MS);
  return {
    url: address === undefined ? (process.env["CAUDAL_MQTT"] ?? "") : `mqtt://${address.host}:${address.port}`,
    // Counted once the log has it; the acknowledgement follows in the same turn of the loop.
    taken: async () => {
      const accepted = await metrics.sum("caudal_mqtt_messages_total", { outcome: "accepted" });
      return collector.status().bridges.some(({ inFlight }) => inFlight > 0) ? 0 : accepted;
    },
    stored: () => readStored(log, codec),
    close: async () => {
      await collector.stop(STOP_MS);
      await foundation.close().finally(remove);
    },
  };
}
