import { defineBenchmark } from "../harness/benchmark.ts";
import { installationEngines } from "./engine-environment.ts";
import { startFleet } from "./fleet.ts";
import { about, measurePromise, promiseEnvironment } from "./measure.ts";

export const benchmark = defineBenchmark({
  name: "promise-fleet",
  about: `${about}: on the fleet, each service a process of its own, with Kafka, the registry, Redis, MongoDB, Cassandra and Mosquitto beside it, one node each.`,
  needs: installationEngines,
  seconds: 600,
  onlyByName: true,
  async run(context) {
    const installation = await startFleet(promiseEnvironment(context));
    context.closing(() => installation.stop());
    await measurePromise(context, installation, new Map(installationEngines.map((name) => [name, context.engine(name).pids])));
  },
});
