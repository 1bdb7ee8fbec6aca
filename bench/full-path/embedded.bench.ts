import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";
import { checkSample } from "./check-sample.ts";
import { drained } from "./drained.ts";
import { tellMemory } from "./memory.ts";
import { play } from "./play.ts";

interface Fleet {
  readonly devices: number;
  readonly leastPerS: number;
  readonly mostMb: number;
}

const few: Fleet = { devices: 1000, leastPerS: 20_000, mostMb: 384 };
const many: Fleet = { devices: 100_000, leastPerS: 10_000, mostMb: 1000 };
const MOST_GROWTH = 2;
const LONGEST_ADOPTION_S = 300;
const WARM_UP_S = 5;

export const benchmark = defineBenchmark({
  name: "full-path-embedded",
  about: "Readings of three values by MQTT with QoS 1, published over eight connections as fast as they are acknowledged, until the hot, warm and cold tiers have every one of them: `caudal up` with nothing but itself, half of the time with 1,000 points and half with 100,000.",
  needs: [],
  seconds: 1200,
  onlyByName: true,
  async run(context) {
    const [cost, costOfMany] = [await measure(context, few), await measure(context, many)];
    context.figure({ name: "growth: CPU a reading at 100,000 points over that at 1,000, packing included", value: costOfMany / cost, unit: "times", atMost: MOST_GROWTH });
    context.note("The publisher is a process of its own on the same cores; it writes MQTT packets by hand, which costs it some 3 µs a reading. Rates and CPU are of all readings from the first publish until the groups of all three tiers have committed the last of them: "
      + "facts are packed into blocks on the way, the last 262,144 of a tier apart, which wait in its file.");
  },
});

/** Gives the CPU microseconds a reading. */
async function measure(context: BenchContext, { devices, leastPerS, mostMb }: Fleet): Promise<number> {
  const seconds = context.seconds / 2;
  const of = `${devices.toLocaleString("en")} points`;
  const installation = await startOneProcess({ CAUDAL_UNKNOWN_DEVICES_PER_HOUR: "1000000", CAUDAL_UNKNOWN_DEVICES_PER_DAY: "1000000" });
  const http = new HttpCaller();
  try {
    const options = { pids: [...installation.pids.values()], print: context.print, through: () => drained(installation, http) };
    const plan = { url: installation.addresses.mqtt, devices, connections: 8, window: 2000, prefix: "well-" };
    context.print(`  ${of}: each is heard once, then ${seconds} s`);
    // Devices are registered and their code compiled before what is counted.
    await play({ ...plan, count: devices, seconds: LONGEST_ADOPTION_S }, options);
    await play({ ...plan, seconds: Math.min(WARM_UP_S, seconds) }, options);
    const fromMs = Date.now();
    const { sent, acknowledged, intakeS, throughS, ackMs, use, cpuUs, publisherCpuUs, sample } = await play({ ...plan, seconds }, options);
    const missing = await checkSample(sample, { http, analytics: installation.addresses.analytics, fromMs });
    const figure = (name: string, value: number, unit: string, limit: { atLeast?: number; atMost?: number } = {}): void => context.figure({ name: `${of}: ${name}`, value, unit, ...limit });
    figure("publish to all three tiers", acknowledged / throughS, "readings/s", { atLeast: leastPerS });
    figure("acknowledged durably", acknowledged / intakeS, "readings/s");
    figure("last acknowledgement until all tiers had all", throughS - intakeS, "s");
    figure("CPU a reading", cpuUs / acknowledged, "µs");
    figure("CPU a reading, publisher", publisherCpuUs / acknowledged, "µs");
    figure("publish to PUBACK at full load, p50", ackMs.p50, "ms");
    figure("publish to PUBACK at full load, p99", ackMs.p99, "ms");
    figure("cores", use.cores, "cores");
    tellMemory(context, { of, resident: use.resident, seconds: intakeS, readingsPerS: acknowledged / intakeS, mostMb });
    figure("sent and not acknowledged", sent - acknowledged, "readings", { atMost: 1 });
    figure("acknowledged and not in the history of 50 points", missing, "readings", { atMost: 1 });
    return cpuUs / acknowledged;
  } finally {
    http.close();
    await installation.stop();
  }
}
