import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";
import { cpuOfUs } from "../harness/process-cpu.ts";
import { median, pairedRatio } from "../harness/statistics.ts";
import { startWideMosquitto } from "../peers/mosquitto.ts";
import { nodeRed } from "../peers/node-red-install.ts";
import { nodeRedHere } from "../peers/node-red.ts";
import { NodeRedToFile } from "../peers/node-red-to-file.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";
import { checkSample } from "./check-sample.ts";
import { drained } from "./drained.ts";
import { play, type Played } from "./play.ts";

const ROUNDS = 3;
const WARM_S = 5;
const LEAST_RATIO = 5;
/** A broker takes readings faster than Node-RED; far more of them than these, and it has more in its queue than it keeps. */
const AHEAD = 20_000;
const load = { devices: 1000, connections: 8, window: 2000, prefix: "well-" } as const;

/** One of the two, started; played in turns. */
interface Side {
  readonly name: string;
  /** Of the broker before it, where it has none of its own. */
  readonly brokerPids: readonly number[];
  play(seconds: number): Promise<Played>;
  /** Readings of all turns that are not where they should be, or are there twice. */
  wrong(): Promise<number>;
}

interface Turn extends Played {
  readonly brokerCpuUs: number;
}

export const benchmark = defineBenchmark({
  name: "full-path-node-red",
  about: "1,000 devices' readings of three values by MQTT with QoS 1 from the same publisher: `caudal up`, its own broker included, until the hot, warm and cold tiers have all of them, committed; and Node-RED, MQTT in → function (parses the JSON, makes a line of the values) → file (append), "
    + "behind Mosquitto, until all lines stand in the file, which nothing syncs to the disk. Both are played as fast as they take it.",
  // The program; it is started here with settings of its own.
  needs: ["mosquitto"],
  seconds: 240,
  onlyByName: true,
  async run(context) {
    if ((await nodeRedHere()) === undefined) throw new Error("left out, for Node-RED is not here: node bench/peers/main.ts fetch node-red");
    const ours = await openCaudal(context);
    const theirs = await openNodeRed(context);
    for (const side of [ours, theirs]) await side.play(WARM_S);
    const seconds = context.seconds / (ROUNDS * 2);
    const [oursTurns, theirTurns]: [Turn[], Turn[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      oursTurns.push(await turn(ours, seconds));
      theirTurns.push(await turn(theirs, seconds));
      context.print(`  round ${round + 1} of ${ROUNDS}: ours ${Math.round(rateOf(oursTurns.at(-1)!))} readings/s, Node-RED ${Math.round(rateOf(theirTurns.at(-1)!))}`);
    }
    const ratio = pairedRatio(oursTurns.map(rateOf), theirTurns.map(rateOf));
    context.figure({ name: `ours over Node-RED, readings/s, median of ${ROUNDS} rounds`, value: ratio.median, unit: "times", atLeast: LEAST_RATIO });
    context.figure({ name: "by CPU: a reading of Node-RED's and Mosquitto's over one of ours", value: cpuUsOf(theirTurns) / cpuUsOf(oursTurns), unit: "times" });
    await tell(context, ours, oursTurns);
    await tell(context, theirs, theirTurns);
    context.note(`Node-RED ${nodeRed.version} out of npm (\`node bench/peers/main.ts fetch node-red\`), run as \`node node_modules/node-red/red.js --userDir FOLDER --settings FILE\` by the same Node, without editor; its nodes as the editor makes them. It has no broker of its own, so Mosquitto stands before it, its CPU told apart; ours has one within. Of its settings, \`max_inflight_messages 1000\` instead of 20 serves Node-RED: it need not wait for the next. `
      + `Mosquitto acknowledges what it has only queued: the publisher is held at most ${AHEAD.toLocaleString("en")} readings ahead of the lines in the file, so that Node-RED never waits for readings and Mosquitto drops none. Rates are readings over the time from the first publish until the last line, or the last commit of the tiers.`);
    context.note("Every line of the file is read in the end; of ours, every reading of 50 devices is looked for in the history after each turn.");
  },
});

function rateOf({ acknowledged, throughS }: Played): number {
  return acknowledged / throughS;
}

function sumOf(turns: readonly Turn[], of: (turn: Turn) => number): number {
  return turns.reduce((sum, one) => sum + of(one), 0);
}

/** A reading, its broker's included. */
function cpuUsOf(turns: readonly Turn[]): number {
  return sumOf(turns, ({ cpuUs, brokerCpuUs }) => cpuUs + brokerCpuUs) / sumOf(turns, ({ acknowledged }) => acknowledged);
}

async function turn(side: Side, seconds: number): Promise<Turn> {
  const beforeUs = cpuOfUs(side.brokerPids);
  const played = await side.play(seconds);
  return { ...played, brokerCpuUs: cpuOfUs(side.brokerPids) - beforeUs };
}

async function tell(context: BenchContext, side: Side, turns: readonly Turn[]): Promise<void> {
  const acknowledged = sumOf(turns, (one) => one.acknowledged);
  const figure = (name: string, value: number, unit: string, limit: { atMost?: number } = {}): void => context.figure({ name: `${side.name}: ${name}`, value, unit, ...limit });
  figure("publish until all is where it belongs", median(turns.map(rateOf)), "readings/s");
  figure("CPU a reading", sumOf(turns, ({ cpuUs }) => cpuUs) / acknowledged, "µs");
  if (side.brokerPids.length > 0) figure("CPU a reading, Mosquitto", sumOf(turns, ({ brokerCpuUs }) => brokerCpuUs) / acknowledged, "µs");
  figure("CPU a reading, publisher", sumOf(turns, ({ publisherCpuUs }) => publisherCpuUs) / acknowledged, "µs");
  figure("cores", median(turns.map(({ use }) => use.cores)), "cores");
  figure("sent and not acknowledged", sumOf(turns, ({ sent }) => sent) - acknowledged, "readings", { atMost: 1 });
  figure("acknowledged and lost, doubled or wrong", await side.wrong(), "readings", { atMost: 1 });
}

async function openCaudal(context: BenchContext): Promise<Side> {
  const { print } = context;
  const installation = await startOneProcess({ CAUDAL_UNKNOWN_DEVICES_PER_HOUR: "1000000", CAUDAL_UNKNOWN_DEVICES_PER_DAY: "1000000" });
  context.closing(() => installation.stop());
  const http = new HttpCaller();
  context.closing(() => http.close());
  let missing = 0;
  return {
    name: "ours", brokerPids: [],
    async play(seconds) {
      const fromMs = Date.now();
      const played = await play({ ...load, url: installation.addresses.mqtt, seconds }, { pids: [...installation.pids.values()], print, through: () => drained(installation, http) });
      missing += await checkSample(played.sample, { http, analytics: installation.addresses.analytics, fromMs });
      return played;
    },
    wrong: () => Promise.resolve(missing),
  };
}

async function openNodeRed(context: BenchContext): Promise<Side> {
  const { print } = context;
  const broker = await startWideMosquitto();
  context.closing(() => broker.stop());
  const { url } = broker;
  const peer = await NodeRedToFile.open(url);
  context.closing(() => peer.stop());
  let given = 0;
  return {
    name: "Node-RED", brokerPids: [broker.pid],
    async play(seconds) {
      const played = await play({ ...load, url, seconds, ahead: AHEAD }, {
        pids: [peer.pid], print, arrived: () => Promise.resolve(peer.readings()), through: ({ acknowledged }) => peer.until(given + acknowledged),
      });
      given += played.acknowledged;
      return played;
    },
    wrong: () => peer.wrong(given),
  };
}
