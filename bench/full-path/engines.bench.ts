import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";
import { median } from "../harness/statistics.ts";
import { bentoHere } from "../peers/bento.ts";
import { installationEngines } from "../promise/engine-environment.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";
import { readStages, stageText } from "../promise/stage-times.ts";
import { openBentoSide } from "./bento-side.ts";
import { caudalSide } from "./caudal-side.ts";
import { openEnginePlace, untilSubscribed } from "./engine-installation.ts";
import { PlayedSide, type EngineSide, type Servers } from "./engine-side.ts";
import type { PublisherPlan } from "./publisher.ts";

const DEVICES = 1000;
const PREFIX = "well-";
const ROUNDS = 3;
const WARM_UP_S = 10;
/** Messages that may wait in Mosquitto, which drops what it cannot queue: it is told to queue five times as many. */
const AHEAD = 20_000;
const LEAST_OF_BENTO = 0.5;

export const benchmark = defineBenchmark({
  name: "full-path-engines",
  about: "Readings of three values of 1,000 points by MQTT with QoS 1 into Mosquitto, as fast as they come out of it, over Kafka until Redis, MongoDB and Cassandra have every one: `caudal up` with one node of each engine beside it. "
    + "Beside it in turns Bento: a stream from MQTT to Kafka that acknowledges what Kafka has, and one from Kafka to all three stores by fan_out in batches of up to 1,000, without judging, archive, ledgers or readers.",
  needs: installationEngines,
  seconds: 360,
  onlyByName: true,
  async run(context) {
    const devices = Array.from({ length: DEVICES }, (_, index) => `${PREFIX}${String(index).padStart(6, "0")}`);
    const servers: Servers = new Map(installationEngines.map((name) => [name, context.engine(name).pids]));
    const { side, urls } = await openCaudal(context, devices);
    const bento = await bentoWhereItIs(context, devices);
    const sides = [side, ...(bento === undefined ? [] : [bento])].map((one) => new PlayedSide(one, context.print));
    const seconds = context.seconds / (ROUNDS * sides.length);
    const plan: PublisherPlan = { url: context.engine("mosquitto").url, devices: DEVICES, connections: 8, window: 2000, prefix: PREFIX, ahead: AHEAD, seconds };
    for (const one of sides) await one.warmUp({ ...plan, seconds: Math.min(WARM_UP_S, seconds) });
    const before = await readStages(urls);
    for (let round = 0; round < ROUNDS; round++) for (const one of sides) await one.turn(plan, servers);
    for (const one of sides) one.endTurn();
    context.note(`Means that Caudal's services tell of their steps: ${stageText(before, await readStages(urls))}.`);
    for (const one of sides) await tellSide(context, one);
    tellRatio(context, sides);
    context.note(`Each turn took ${seconds.toFixed(0)} s of publishing and what came after, ${ROUNDS} turns a side; figures are medians of the turns. CPU of a side's processes is counted from its turn's beginning to its next one's, so that what it puts off is counted too. `
      + `The publisher goes on while no more than ${AHEAD.toLocaleString("en")} readings are on their way into Kafka.`);
  },
});

async function openCaudal(context: BenchContext, devices: readonly string[]): Promise<{ readonly side: EngineSide; readonly urls: readonly string[] }> {
  const { env, readings } = await openEnginePlace(context);
  const installation = await startOneProcess(env);
  context.closing(() => installation.stop());
  const http = new HttpCaller();
  context.closing(() => http.close());
  await untilSubscribed(installation, http);
  return { side: caudalSide({ installation, env, http, readings, devices }), urls: [installation.addresses.status] };
}

async function bentoWhereItIs(context: BenchContext, devices: readonly string[]): Promise<EngineSide | undefined> {
  if ((await bentoHere()) === undefined) {
    context.note("Bento was not there, so nothing is compared: `node bench/peers/main.ts fetch bento` builds it where Go is.");
    return undefined;
  }
  const [mqtt, kafka, redis, mongo, cassandra] = (["mosquitto", "kafka", "redis", "mongo", "cassandra"] as const).map((engine) => context.engine(engine).url) as [string, string, string, string, string];
  return openBentoSide(context, { mqtt, kafka, redis, mongo, cassandra, name: `bento_${process.pid}_${Date.now()}` }, devices);
}

async function tellSide(context: BenchContext, { side, turns, given }: PlayedSide): Promise<void> {
  const figure = (name: string, value: number, unit: string): void => context.figure({ name: `${side.name}: ${name}`, value, unit });
  figure("publish to all three stores", median(turns.map(({ played }) => played.acknowledged / played.throughS)), "readings/s");
  figure("CPU a reading, its processes", costOf(turns), "µs");
  for (const server of turns[0]?.serverCpuUs.keys() ?? []) figure(`CPU a reading, ${server}`, median(turns.map(({ played, serverCpuUs }) => (serverCpuUs.get(server) ?? 0) / played.acknowledged)), "µs");
  figure("CPU a reading, publisher", median(turns.map(({ played }) => played.publisherCpuUs / played.acknowledged)), "µs");
  figure("resident memory at most", Math.max(...turns.map(({ played }) => played.use.residentMiB)), "MiB");
  context.figure({ name: `${side.name}: sent and not acknowledged`, value: turns.reduce((sum, { played }) => sum + played.sent - played.acknowledged, 0), unit: "readings", atMost: 1 });
  for (const [store, rows] of await side.stored()) context.figure({ name: `${side.name}: of ${given.toLocaleString("en")} acknowledged not in ${store}`, value: Math.max(0, given - rows), unit: "readings", atMost: 1 });
}

function costOf(turns: PlayedSide["turns"]): number {
  return median(turns.map(({ played, cpuUs }) => cpuUs / played.acknowledged));
}

function tellRatio(context: BenchContext, [ours, bento]: readonly PlayedSide[]): void {
  if (ours === undefined || bento === undefined) return;
  const ratios = ours.turns.map(({ played, cpuUs }, round) => {
    const other = bento.turns[round]!;
    return other.cpuUs / other.played.acknowledged / (cpuUs / played.acknowledged);
  });
  context.figure({ name: "readings a CPU second of our processes, over Bento's of its own", value: median(ratios), unit: "times", atLeast: LEAST_OF_BENTO });
}
