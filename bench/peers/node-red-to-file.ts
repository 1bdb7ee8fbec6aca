import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { until } from "../../caudal/test-parts/until.ts";
import { LineCounter, readLines } from "./line-file.ts";
import { mqttToFile } from "./node-red-flow.ts";
import { startNodeRed } from "./node-red.ts";
import type { RunningPeer } from "./program.ts";

const LOOK_EVERY_MS = 50;
const READY_MS = 30_000;
/** As long as not one more line comes. */
const STUCK_MS = 15_000;
const PROBE = "probe";
const topicOf = (device: string): string => `caudal/default/${device}/readings`;
/** What a person writes into the function node: a line of a reading's values. */
const toLine = 'const r = JSON.parse(msg.payload);\nmsg.payload = r.id + "," + r.ts + "," + r.total_m3 + "," + r.flow_lps + "," + r.level_m;\nreturn msg;';

/** Node-RED that writes each reading of a broker as a line into a file of its own. */
export class NodeRedToFile {
  readonly #running: RunningPeer;
  readonly #file: string;
  readonly #lines: LineCounter;
  #probes = 0;

  /** Starts it behind the broker at mqtt://host:port; resolves when what is published becomes a line. */
  static async open(broker: string): Promise<NodeRedToFile> {
    const folder = await mkdtemp(join(tmpdir(), "caudal-bench-lines-"));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const file = join(folder, "readings.csv");
    const { hostname: host, port } = new URL(broker);
    let running: RunningPeer | undefined;
    try {
      running = await startNodeRed(mqttToFile({ host, port: Number(port), topic: topicOf("+"), function: toLine, file }));
      const { stop } = running;
      const opened = new NodeRedToFile({ ...running, stop: () => stop().finally(remove) }, file);
      await opened.#untilHeard(broker);
      return opened;
    } catch (error) {
      await running?.stop().catch(() => undefined);
      await remove();
      throw error;
    }
  }

  private constructor(running: RunningPeer, file: string) {
    this.#running = running;
    this.#file = file;
    this.#lines = new LineCounter(file);
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** Readings that stand in the file. */
  readings(): number {
    return this.#lines.count() - this.#probes;
  }

  /** Resolves when so many stand in the file; rejects when none has come for a while. */
  async until(wanted: number): Promise<void> {
    let seen = this.readings();
    let movedMs = performance.now();
    while (seen < wanted) {
      if (performance.now() - movedMs > STUCK_MS) throw new Error(`${wanted - seen} of ${wanted} readings did not come into Node-RED's file; it said last:\n${this.#running.output()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const now = this.readings();
      if (now > seen) movedMs = performance.now();
      seen = now;
    }
  }

  /** Reads every line: how many of the readings that it was given are missing, doubled, late or without their values. */
  async wrong(given: number): Promise<number> {
    const { fresh, other } = await readLines(this.#file);
    const whole = [...fresh].reduce((sum, [device, count]) => sum + (device === PROBE ? 0 : count), 0);
    return Math.abs(given - whole) + other;
  }

  /** Removes the file too. */
  stop(): Promise<void> {
    return this.#running.stop();
  }

  /** It subscribes some time after it started: sends readings of a device of its own until one becomes a line. */
  async #untilHeard(broker: string): Promise<void> {
    const client = await connectAsync(broker);
    let sent = 0;
    try {
      await until("Node-RED writes what is published", async () => {
        sent += 1;
        await client.publishAsync(topicOf(PROBE), `{"id":"${PROBE}","ts":${sent},"total_m3":1,"flow_lps":1,"level_m":1}`, { qos: 1 });
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        return this.#lines.count() > 0 ? true : undefined;
      }, READY_MS).catch((error: Error) => {
        throw new Error(`${error.message}; it said last:\n${this.#running.output()}`, { cause: error });
      });
      // What was published before the subscription stood never comes; what came after is a line within moments.
      await new Promise((resolve) => setTimeout(resolve, 10 * LOOK_EVERY_MS));
      this.#probes = this.#lines.count();
    } finally {
      await client.endAsync();
    }
  }
}
