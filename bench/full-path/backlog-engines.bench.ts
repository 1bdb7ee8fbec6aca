import { defineBenchmark } from "../harness/benchmark.ts";
import { installationEngines } from "../promise/engine-environment.ts";
import { BACKLOG_SECONDS, measureBacklog } from "./backlog.ts";
import { openEnginePlace } from "./engine-installation.ts";

/** Messages that may wait in Mosquitto, which drops what it cannot queue. */
const AHEAD = 20_000;

export const benchmark = defineBenchmark({
  name: "backlog-engines",
  about: "A backlog of 1,000,000 readings of three values of 1,000 points, brought from Mosquitto into Kafka while nothing stood behind it: how fast `caudal up` brings it into Redis, MongoDB and Cassandra, against its own steady rate from publish to stores.",
  needs: installationEngines,
  seconds: BACKLOG_SECONDS,
  onlyByName: true,
  async run(context) {
    const { env, readings } = await openEnginePlace(context);
    await measureBacklog(context, { env, ahead: AHEAD, arrived: () => readings.records() });
  },
});
