import { setTimeout as wait } from "node:timers/promises";
import { defineBenchmark } from "../harness/benchmark.ts";
import { CpuWatch } from "../promise/cpu-watch.ts";
import { measureImage } from "./image-size.ts";
import { measurePageLoad } from "./page-load.ts";
import { measureStarts } from "./starts.ts";

const SECONDS_A_ROUND = 10;
const MOST_ROUNDS = 9;
const IDLE_MS = 10_000;

export const benchmark = defineBenchmark({
  name: "start",
  about: "From the call that starts `caudal up` with nothing but itself until it is ready and a reading can be read, in a fresh and in an existing folder; memory of a process that idles; the page's first load in a browser; and what the container image would hold.",
  needs: [],
  seconds: 90,
  async run(context) {
    const rounds = Math.max(1, Math.min(MOST_ROUNDS, Math.floor(context.seconds / SECONDS_A_ROUND)));
    measureImage(context);
    const { child, http } = await measureStarts(context, rounds);
    await wait(IDLE_MS);
    const watch = new CpuWatch([child.pid]);
    await wait(IDLE_MS);
    const { cores, residentMiB } = watch.end();
    context.figure({ name: "idle process, 10 to 20 s after its start: resident memory", value: residentMiB, unit: "MiB" });
    context.figure({ name: "idle process: cores", value: cores, unit: "cores" });
    await measurePageLoad(context, http);
  },
});
