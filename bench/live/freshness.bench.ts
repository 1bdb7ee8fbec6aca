import { defineBenchmark } from "../harness/benchmark.ts";
import { startOneProcess } from "../promise/installation.ts";
import { measureFreshness } from "./freshness.ts";

export const benchmark = defineBenchmark({
  name: "freshness",
  about: "Device to browser: readings of three values of 1,000 points published by MQTT with QoS 1 at half of the rate that is sustained, until each is an event in the live stream that the page follows (server-sent events over HTTP), on `caudal up` with nothing but itself.",
  needs: [],
  seconds: 90,
  onlyByName: true,
  async run(context) {
    const installation = await startOneProcess();
    context.closing(() => installation.stop());
    await measureFreshness(context, { installation, mostP99Ms: 50 });
  },
});
