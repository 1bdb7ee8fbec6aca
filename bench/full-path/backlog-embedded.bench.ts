import { defineBenchmark } from "../harness/benchmark.ts";
import { BACKLOG_SECONDS, measureBacklog } from "./backlog.ts";

export const benchmark = defineBenchmark({
  name: "backlog-embedded",
  about: "A backlog of 1,000,000 readings of three values of 1,000 points, taken in by MQTT while nothing stood behind the log: how fast `caudal up` with nothing but itself brings it into all three tiers, against its own steady rate from publish to tiers.",
  needs: [],
  seconds: BACKLOG_SECONDS,
  onlyByName: true,
  run: (context) => measureBacklog(context, { env: {} }),
});
