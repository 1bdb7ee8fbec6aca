import { createLogger, createLifecycle } from "@caudal/runtime";
import { groups } from "@caudal/core";
import { parseAllSettings } from "../../caudal/composition/all-settings.ts";
import { openFoundation } from "../../caudal/composition/foundation.ts";
import { mqttAuthenticate } from "../../caudal/composition/mqtt-authenticate.ts";
import { makeCollector } from "../../caudal/composition/services.ts";
import { createFleetCredentials } from "../../caudal/demo/fleet-credentials.ts";
import { lagOfGroups } from "../../caudal/status/installation-status.ts";
import { until } from "../../caudal/test-parts/until.ts";

/*
 * The collector of an installation without anything behind it, a process of its own: what comes in stays in the log. On the embedded engine no command
 * runs one service alone. It takes the data folder from its parent, tells where its broker listens, how many readings wait when it is asked, and ends on its word.
 */

export type IntakeOrder = { readonly kind: "open"; readonly folder: string } | { readonly kind: "look" } | { readonly kind: "stop" };
export type IntakeWord = { readonly kind: "open"; readonly mqtt: string } | { readonly kind: "waiting"; readonly readings: number };

const STOP_BUDGET_MS = 20_000;
const CONNECT_MS = 30_000;

async function open(folder: string): Promise<{ readonly mqtt: string; waiting(): Promise<number>; stop(): Promise<void> }> {
  const ownBroker = process.env["CAUDAL_MQTT"] === undefined ? { "--mqtt": "127.0.0.1:0" } : {};
  const settings = parseAllSettings({ env: process.env, flags: ownBroker });
  const logger = createLogger({ level: "warn", destination: process.stderr });
  const foundation = await openFoundation([], { dataDirectory: folder, settings, logger });
  const authenticate = mqttAuthenticate({ lookup: foundation.tokens.lookup, tokensRequired: false, fleet: createFleetCredentials() });
  const collector = makeCollector(foundation, authenticate);
  const lifecycle = createLifecycle(logger);
  lifecycle.add(collector);
  await lifecycle.start();
  await until("the bridges are connected", () => collector.status().bridges.every(({ state }) => state === "connected") || undefined, CONNECT_MS);
  const address = collector.mqttAddress();
  return {
    mqtt: address === undefined ? (process.env["CAUDAL_MQTT"] ?? "") : `mqtt://127.0.0.1:${address.port}`,
    waiting: async () => (await lagOfGroups(foundation.ports.log))[groups.mapping] ?? 0,
    async stop() {
      await lifecycle.stop(STOP_BUDGET_MS);
      await foundation.close();
    },
  };
}

let opened: ReturnType<typeof open> | undefined;

async function obey(order: IntakeOrder): Promise<void> {
  if (order.kind === "open") {
    opened = open(order.folder);
    tell({ kind: "open", mqtt: (await opened).mqtt });
  }
  const intake = await opened;
  if (order.kind === "look" && intake !== undefined) tell({ kind: "waiting", readings: await intake.waiting() });
  if (order.kind !== "stop") return;
  await intake?.stop();
  process.disconnect();
}

function tell(word: IntakeWord): void {
  process.send?.(word);
}

process.on("message", (order: IntakeOrder) => {
  obey(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
// Its parent may end without a word.
process.once("disconnect", () => process.exit());
