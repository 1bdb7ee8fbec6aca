import { publish } from "../full-path/play.ts";
import { cpuOfUs } from "../harness/process-cpu.ts";
import type { Receiver } from "./receiver.ts";
import { cpuByThreadUs, usedBetween } from "../harness/thread-cpu.ts";

/** What is sent in every turn; the times of a device never repeat, since each turn begins after the one before. */
const load = { devices: 1000, connections: 8, window: 500, seconds: 120, prefix: "well-" } as const;

/** One receiver's turn. */
export interface Turn {
  readonly messages: number;
  readonly acknowledged: number;
  /** First publish until the last message was taken and acknowledged. */
  readonly elapsedMs: number;
  /** Of the receiving process. */
  readonly cpuUs: number;
  /** The same by what its threads do. */
  readonly threadCpuUs: ReadonlyMap<string, number>;
  /** Of the servers. */
  readonly serverCpuUs: number;
  readonly publisherCpuUs: number;
}

export interface PlayOptions {
  readonly receivers: readonly Receiver[];
  /** Messages a turn. */
  readonly messages: number;
  /** Counted rounds, after one that warms up. */
  readonly rounds: number;
  readonly serverPids: readonly number[];
  readonly print: (line: string) => void;
}

/** Gives every receiver the same messages in turns, ABAB…; the turns of each, that of the first round at the head. */
export async function playTurns({ receivers, messages, rounds, serverPids, print }: PlayOptions): Promise<readonly (readonly Turn[])[]> {
  const turns = receivers.map((): Turn[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, receiver] of receivers.entries()) turns[index]?.push(await turn(receiver, { messages, serverPids, before: sum(turns[index] ?? []), print }));
    print(`  ${round === 0 ? "warming up" : `round ${round} of ${rounds}`}: ${receivers.map(({ name }, index) => `${name} ${Math.round(perCpuS(turns[index]!.at(-1)!))}`).join(", ")} messages a CPU second`);
  }
  return turns;
}

/** Messages a CPU second of the receiving process. */
export function perCpuS({ messages, cpuUs }: Turn): number {
  return (messages * 1e6) / cpuUs;
}

function sum(turns: readonly Turn[]): number {
  return turns.reduce((total, { messages }) => total + messages, 0);
}

async function turn({ pid, url, root, through }: Receiver, { messages, serverPids, before, print }: { readonly messages: number; readonly serverPids: readonly number[]; readonly before: number; readonly print: PlayOptions["print"] }): Promise<Turn> {
  const threadsBefore = cpuByThreadUs(pid);
  const cpuBefore = cpuOfUs([pid]);
  const serversBefore = cpuOfUs(serverPids);
  const { sent, acknowledged, firstMs, cpuUs: publisherCpuUs } = await publish({ ...load, url, topic: `${root}/default/{id}/readings`, count: messages }, print);
  if (acknowledged < messages) throw new Error(`only ${acknowledged} of ${messages} messages were acknowledged within ${load.seconds} s`);
  await through(before + sent);
  const elapsedMs = Date.now() - firstMs;
  const cpuUs = cpuOfUs([pid]) - cpuBefore;
  const serverCpuUs = cpuOfUs(serverPids) - serversBefore;
  return { messages: sent, acknowledged, elapsedMs, cpuUs, serverCpuUs, publisherCpuUs, threadCpuUs: usedBetween(threadsBefore, cpuByThreadUs(pid)) };
}
