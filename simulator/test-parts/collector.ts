import type { TestContext } from "node:test";
import { createHealth, createHttpServer, localPrincipal } from "@caudal/runtime";
import type { Reading } from "@caudal/schemas";
import { openHarness } from "../../collector/test-parts/harness.ts";
import { folderFor, type SentLine } from "./truth-files.ts";

export interface OpenCollector {
  readonly http: string;
  readonly mqtt: string;
  readonly drop: string;
  /** What stands in the log: device, key, time in microseconds and value of each sample, in the order of the log. */
  samples(): Promise<readonly string[]>;
  /** Reasons of what was kept aside. */
  parked(): Promise<readonly string[]>;
}

/** The real collector with its broker, its HTTP and its drop folder over a real log; ends with the test. */
export async function openCollector(test: TestContext): Promise<OpenCollector> {
  const drop = await folderFor(test);
  const harness = await openHarness({ env: { CAUDAL_MQTT: "127.0.0.1:0", CAUDAL_DROP_FOLDER: drop, CAUDAL_DROP_CLIENT: "simulation", CAUDAL_DROP_SETTLE: "20ms", CAUDAL_DROP_POLL: "50ms" } });
  const http = createHttpServer({
    host: "127.0.0.1", port: 0, operations: harness.collector.operations, health: createHealth(), metrics: harness.metrics, logger: harness.logger, authenticate: async () => localPrincipal,
  });
  await http.start();
  test.after(async () => {
    await http.stop(1000);
    await harness.close();
  });
  const rows = ({ client, device, samples }: Reading): readonly string[] => samples.map(({ key, timeUs, value }) => `${client} ${device} ${key} ${timeUs} ${value}`);
  return {
    drop, http: `http://127.0.0.1:${http.address().port}/`, mqtt: `mqtt://127.0.0.1:${harness.collector.mqttAddress()?.port}`,
    samples: async () => (await harness.read("Reading")).flatMap(rows),
    parked: async () => (await harness.read("Parked")).map(({ reason }) => reason),
  };
}

/** The same of what was sent. */
export function sentSamples(lines: readonly SentLine[]): readonly string[] {
  return lines.flatMap(({ device, samples }) => samples.map(({ key, timeUs, value }) => `simulation ${device} ${key} ${timeUs} ${value}`));
}
