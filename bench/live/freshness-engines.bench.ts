import { openEnginePlace } from "../full-path/engine-installation.ts";
import { defineBenchmark } from "../harness/benchmark.ts";
import { installationEngines } from "../promise/engine-environment.ts";
import { startOneProcess } from "../promise/installation.ts";
import { measureFreshness } from "./freshness.ts";

/** Messages that may wait in Mosquitto, which drops what it cannot queue. */
const AHEAD = 20_000;

export const benchmark = defineBenchmark({
  name: "freshness-engines",
  about: "Device to browser on the engines: the same by way of Mosquitto and Kafka, with Redis, MongoDB and Cassandra behind `caudal up`, one node of each on the same cores.",
  needs: installationEngines,
  seconds: 90,
  onlyByName: true,
  async run(context) {
    const { env, readings } = await openEnginePlace(context);
    const installation = await startOneProcess(env);
    context.closing(() => installation.stop());
    await measureFreshness(context, { installation, mostP99Ms: 100, ahead: AHEAD, arrived: () => readings.records() });
  },
});
