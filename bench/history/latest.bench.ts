import { defineBenchmark } from "../harness/benchmark.ts";
import { startOneProcess } from "../promise/installation.ts";
import { measureLatest } from "./latest-points.ts";

const AT_MOST_MS = 30;

export const benchmark = defineBenchmark({
  name: "latest",
  about: "The newest three values of 1,000 points in one answer over HTTP, from `caudal up` with nothing but itself, at rest; each answer is read to its end, and it is held against what was sent last.",
  needs: [],
  seconds: 20,
  async run(context) {
    const installation = await startOneProcess();
    context.closing(() => installation.stop());
    await measureLatest(context, installation, AT_MOST_MS);
  },
});
