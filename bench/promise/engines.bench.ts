import { defineBenchmark } from "../harness/benchmark.ts";
import { installationEngines } from "./engine-environment.ts";
import { startOneProcess } from "./installation.ts";
import { about, measurePromise, promiseEnvironment } from "./measure.ts";

export const benchmark = defineBenchmark({
  name: "promise-engines",
  about: `${about}: on \`caudal up\`, all services in one process, with Kafka, the registry, Redis, MongoDB, Cassandra and Mosquitto beside it, one node each.`,
  needs: installationEngines,
  seconds: 600,
  onlyByName: true,
  async run(context) {
    const installation = await startOneProcess(promiseEnvironment(context));
    context.closing(() => installation.stop());
    await measurePromise(context, installation, new Map(installationEngines.map((name) => [name, context.engine(name).pids])));
  },
});
