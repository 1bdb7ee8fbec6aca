import { removeKeys } from "../../adapters/redis/test-keys.ts";
import { extended } from "../../tools/fault-proxy/urls.ts";
import { defineBenchmark } from "../harness/benchmark.ts";
import { cpuOfUs } from "../harness/process-cpu.ts";
import { startOneProcess } from "../promise/installation.ts";
import { measureLatest } from "./latest-points.ts";

export const benchmark = defineBenchmark({
  name: "latest-redis",
  about: "As `latest`, on `caudal up` whose hot tier and live channel are in Redis, all else in itself. Told, not judged.",
  needs: ["redis"],
  seconds: 20,
  async run(context) {
    const { url, pids } = context.engine("redis");
    const prefix = `bench-latest-${process.pid}`;
    const redis = extended(url, "", { prefix });
    context.closing(() => removeKeys(url, prefix));
    const installation = await startOneProcess({ CAUDAL_HOT: redis, CAUDAL_LIVE: redis });
    context.closing(() => installation.stop());
    const [startedMs, cpuUs] = [performance.now(), cpuOfUs(pids)];
    await measureLatest(context, installation, undefined);
    context.figure({ name: "cores of Redis meanwhile", value: (cpuOfUs(pids) - cpuUs) / ((performance.now() - startedMs) * 1000), unit: "cores" });
  },
});
