import { bentoHere } from "../peers/bento.ts";
import { bento as build } from "../peers/bento-build.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { median, pairedRatio, spreadOf } from "../harness/statistics.ts";
import { startBentoReceiver } from "./bento-receiver.ts";
import { startChildReceiver } from "./child-receiver.ts";
import type { Receiver } from "./receiver.ts";
import { perCpuS, playTurns, type Turn } from "./turns.ts";

const ROUNDS = 5;
/** Messages a second that all receivers are expected to take, to plan a turn's length by. */
const EXPECTED_PER_S = 12_000;
const MIN_MESSAGES = 4000;
/** Mosquitto holds 100,000 for a client that is behind and drops the rest. */
const MAX_MESSAGES = 80_000;
const LEAST_OF_CLIENT = 0.5;
const LEAST_OF_BENTO = 1.5;

/** Starts something and has it stopped at the end of the benchmark. */
export async function opened(context: BenchContext, receiver: Promise<Receiver>): Promise<Receiver> {
  const started = await receiver;
  context.closing(() => started.stop());
  return started;
}

/** Gives ours, what they are measured against, and `beside` the same messages in turns, tells the rates and judges ours. */
export async function measureIntake(context: BenchContext, { ours, beside = [] }: { readonly ours: readonly Receiver[]; readonly beside?: readonly Receiver[] }): Promise<void> {
  const { url, pids } = context.engine("mosquitto");
  const client = await opened(context, startChildReceiver({ name: "mqtt.js, dropping", file: "dropping-client.ts", args: [url, "dropit/#"], root: "dropit" }));
  const bento = (await bentoHere()) === undefined ? undefined : await opened(context, startBentoReceiver({ url, root: "bentos" }));
  const receivers = [...ours, client, ...(bento === undefined ? [] : [bento]), ...beside];
  const messages = Math.min(MAX_MESSAGES, Math.max(MIN_MESSAGES, Math.round((context.seconds * EXPECTED_PER_S) / ((ROUNDS + 1) * receivers.length))));
  const turns = await playTurns({ receivers, messages, rounds: ROUNDS, serverPids: pids, print: context.print });
  const counted = new Map(receivers.map((receiver, index) => [receiver, (turns[index] ?? []).slice(1)]));
  const rates = (of: Receiver): number[] => (counted.get(of) ?? []).map(perCpuS);
  const against = (one: Receiver, other: Receiver, atLeast?: number): void => context.figure({ name: `${one.name}, over ${other.name}, per CPU second`, value: pairedRatio(rates(one), rates(other)).median, unit: "×", ...(atLeast === undefined ? {} : { atLeast }) });
  context.table({
    name: `medians of ${ROUNDS} turns of ${(counted.get(client)?.[0]?.messages ?? 0).toLocaleString("en")} messages`,
    head: ["receiver", "messages a CPU second", "lowest and highest", "CPU µs a message", "messages/s on the clock", "Mosquitto, CPU µs a message", "publisher, CPU µs a message"],
    rows: receivers.map((receiver) => rowOf(receiver, counted.get(receiver) ?? [], receiver.url === url)),
  });
  context.table({ name: "where the CPU time goes, by threads", head: ["receiver", "thread", "CPU µs a message"], rows: ours.flatMap((one) => threadRows(one, counted.get(one) ?? [])) });
  for (const receiver of receivers) context.figure({ name: `${receiver.name}: messages a CPU second`, value: median(rates(receiver)), unit: "messages" });
  for (const one of ours) {
    against(one, client, LEAST_OF_CLIENT);
    if (bento !== undefined) against(one, bento, LEAST_OF_BENTO);
    // Beside the built-in broker stands what it is made of.
    if (one.url !== url) for (const other of beside) against(one, other);
  }
  for (const [index, one] of ours.entries()) await judgeStored(context, one, turns[index] ?? []);
  context.note(bento === undefined ? "Bento is left out, for its program is not here: node bench/peers/main.ts fetch bento." : `Bento ${build.version}, its mqtt input with qos 1 into its drop output, all else as it comes.`);
}

function rowOf({ name }: Receiver, turns: readonly Turn[], isFromMosquitto: boolean): string[] {
  const rate = spreadOf(turns.map(perCpuS));
  const middle = (of: (turn: Turn) => number): number => median(turns.map(of));
  const each = (of: (turn: Turn) => number): string => middle((turn) => of(turn) / turn.messages).toFixed(1);
  return [
    name, shown(rate.median), `${shown(rate.lowest)}–${shown(rate.highest)}`, each(({ cpuUs }) => cpuUs), shown(middle((turn) => (turn.messages * 1000) / turn.elapsedMs)),
    isFromMosquitto ? each(({ serverCpuUs }) => serverCpuUs) : "", each(({ publisherCpuUs }) => publisherCpuUs),
  ];
}

function threadRows({ name }: Receiver, turns: readonly Turn[]): string[][] {
  const messages = turns.reduce((sum, turn) => sum + turn.messages, 0);
  const threads = [...new Set(turns.flatMap(({ threadCpuUs }) => [...threadCpuUs.keys()]))];
  return threads.map((thread) => [name, thread, (turns.reduce((sum, { threadCpuUs }) => sum + (threadCpuUs.get(thread) ?? 0), 0) / messages).toFixed(1)]);
}

/** What was acknowledged must stand in the log, whole and once. */
async function judgeStored(context: BenchContext, receiver: Receiver, turns: readonly Turn[]): Promise<void> {
  const acknowledged = turns.reduce((sum, turn) => sum + turn.acknowledged, 0);
  const { readings, repeated, incomplete, parked } = await receiver.stored();
  const figure = (name: string, value: number): void => context.figure({ name: `${receiver.name}: ${name}`, value, unit: "readings", atMost: 1 });
  context.figure({ name: `${receiver.name}: acknowledged in all turns`, value: acknowledged, unit: "readings" });
  figure("acknowledged and not in the log", Math.max(0, acknowledged - readings));
  figure("in the log twice, not whole or parked", repeated + incomplete + parked);
}

function shown(value: number): string {
  return Math.round(value).toLocaleString("en");
}
