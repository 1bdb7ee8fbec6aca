import { until } from "../../caudal/test-parts/until.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { forgetSession } from "../mqtt/forget-session.ts";
import { engineEnvironment, installationEngines, type EngineEnvironment, type InstallationUrls } from "../promise/engine-environment.ts";
import type { HttpCaller } from "../promise/http-call.ts";
import type { Installation } from "../promise/installation.ts";
import { readingsTopic } from "./caudal-side.ts";
import { openStores } from "./engine-data.ts";
import { KafkaTopic } from "./kafka-topic.ts";

const CONNECT_MS = 30_000;

/** Where an installation lies on the run's engines. */
export interface EnginePlace {
  readonly env: EngineEnvironment;
  readonly readings: KafkaTopic;
}

/** A place on the engines under a name that nobody else has; what is left there goes when the benchmark ends. */
export async function openEnginePlace(context: BenchContext): Promise<EnginePlace> {
  const name = `path_${process.pid}_${Date.now()}`;
  await openStores(context, name);
  const urls = Object.fromEntries(installationEngines.map((engine) => [engine, context.engine(engine).url])) as InstallationUrls;
  const env = engineEnvironment(urls, name);
  context.closing(() => forgetSession(env.CAUDAL_MQTT, env.CAUDAL_MQTT_CLIENT_ID));
  const readings = await KafkaTopic.open(urls.kafka, readingsTopic(name));
  context.closing(() => readings.close());
  return { env, readings };
}

/** Resolves when the installation is subscribed at its outside broker: what is published before goes nowhere. */
export async function untilSubscribed({ addresses }: Installation, http: HttpCaller): Promise<void> {
  await until("the bridge is connected", async () => (/^caudal_mqtt_connections\{[^}]*\} 1$/m.test((await http.call(new URL("/metrics", addresses.collector).href)).body) ? true : undefined), CONNECT_MS);
}
