import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { until } from "../../caudal/test-parts/until.ts";
import { CpuWatch, type CpuUse } from "../promise/cpu-watch.ts";
import type { ArrivedWord, PublisherPlan, PublisherWord, SampledDevice } from "./publisher.ts";

/** One run of the publisher and what it took, until everything it sent was where it had to be. */
export interface Played {
  readonly sent: number;
  readonly acknowledged: number;
  /** First publish to last acknowledgement. */
  readonly intakeS: number;
  /** First publish until all was through. */
  readonly throughS: number;
  readonly ackMs: { readonly p50: number; readonly p99: number };
  /** Of the watched processes, from the first publish until all was through. */
  readonly use: CpuUse;
  readonly cpuUs: number;
  readonly publisherCpuUs: number;
  /** Some of the devices, spread over all. */
  readonly sample: readonly SampledDevice[];
}

export interface PlayOptions {
  readonly pids: readonly number[];
  readonly print: (line: string) => void;
  /** Resolves when all readings are where they have to be. */
  through(played: { readonly acknowledged: number }): Promise<void>;
  /** Readings that the log has had, where the broker acknowledges what it only queues: the publisher is told of them, and all must be there before `through` is asked. */
  arrived?(): Promise<number>;
}

const ARRIVED_EVERY_MS = 100;
const ARRIVE_MS = 120_000;

type PublisherDone = Extract<PublisherWord, { kind: "done" }>;

/** Plays a plan in a process of its own and watches `pids` meanwhile. */
export async function play(plan: PublisherPlan, { pids, print, through, arrived }: PlayOptions): Promise<Played> {
  const atFirst = (await arrived?.()) ?? 0;
  const watch = new CpuWatch(pids);
  const child = startPublisher();
  try {
    const ended = published(child, plan, print);
    // What is wrong with the one must not wait for the other.
    const [done] = await Promise.all([ended, arrived === undefined ? undefined : tellArrived(child, async () => (await arrived()) - atFirst, ended)]);
    if (arrived !== undefined) await until("the log has all that was acknowledged", async () => ((await arrived()) - atFirst >= done.acknowledged ? true : wait()), ARRIVE_MS);
    await through(done);
    const throughMs = Date.now();
    const use = watch.end();
    const { sent, acknowledged, ackMs, sample } = done;
    const throughS = (throughMs - done.firstMs) / 1000;
    return { sent, acknowledged, ackMs, intakeS: (done.lastAckMs - done.firstMs) / 1000, throughS, use, cpuUs: use.cores * throughS * 1e6, publisherCpuUs: done.cpuUs, sample };
  } finally {
    watch.end();
    child.kill();
  }
}

/** Publishes a plan and gives what the publisher counted, whoever takes the readings. */
export async function publish(plan: PublisherPlan, print: (line: string) => void): Promise<PublisherDone> {
  const child = startPublisher();
  try {
    return await published(child, plan, print);
  } finally {
    child.kill();
  }
}

function startPublisher(): ChildProcess {
  return fork(join(import.meta.dirname, "publisher.ts"));
}

function published(child: ChildProcess, plan: PublisherPlan, print: (line: string) => void): Promise<PublisherDone> {
  return new Promise((resolve, reject) => {
    let before = 0;
    let seconds = 0;
    child.once("exit", (code) => reject(new Error(`the publisher ended with ${code}`)));
    child.on("message", (word: PublisherWord) => {
      if (word.kind === "done") return resolve(word);
      seconds += 1;
      if (seconds % 10 === 0) {
        print(`    ${seconds} s: ${Math.round((word.readings - before) / 10)} readings/s acknowledged`);
        before = word.readings;
      }
    });
    child.send(plan);
  });
}

async function tellArrived(child: ChildProcess, arrived: () => Promise<number>, ended: Promise<unknown>): Promise<void> {
  let isOver = false;
  ended.then(() => (isOver = true), () => (isOver = true));
  while (!isOver) {
    const word: ArrivedWord = { arrived: await arrived() };
    if (child.connected) child.send(word);
    await wait();
  }
}

function wait(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ARRIVED_EVERY_MS, undefined));
}
