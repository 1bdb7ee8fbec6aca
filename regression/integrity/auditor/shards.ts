import { createReadStream } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const FLUSH_CHARACTERS = 128 * 1024;

/** Number of the shard that a device's lines go to. */
function shardOf(device: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < device.length; i++) hash = Math.imul(hash ^ device.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % shards;
}

/** Lines of JSON sorted into files by device, so that the evidence of some devices at a time fits into memory. */
export class Shards {
  readonly count: number;
  readonly #directory: string;
  readonly #waiting = new Map<string, string[]>();
  readonly #sizes = new Map<string, number>();

  constructor(directory: string, count: number) {
    this.#directory = directory;
    this.count = count;
  }

  /** Resolves at once but for the lines that fill a buffer. */
  async add(kind: string, device: string, value: unknown): Promise<void> {
    const name = `${kind}-${shardOf(device, this.count)}`;
    const line = `${JSON.stringify(value)}\n`;
    const lines = this.#waiting.get(name);
    if (lines === undefined) this.#waiting.set(name, [line]);
    else lines.push(line);
    const size = (this.#sizes.get(name) ?? 0) + line.length;
    this.#sizes.set(name, size);
    if (size >= FLUSH_CHARACTERS) await this.#flush(name);
  }

  isIn(device: string, shard: number): boolean {
    return shardOf(device, this.count) === shard;
  }

  async finish(): Promise<void> {
    for (const name of [...this.#waiting.keys()]) await this.#flush(name);
  }

  /** What was added of a kind to a shard, in order. */
  async *read<T>(kind: string, shard: number): AsyncGenerator<T> {
    const path = this.#path(`${kind}-${shard}`);
    if (!this.#sizes.has(`${kind}-${shard}`)) return;
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) yield JSON.parse(line) as T;
  }

  async #flush(name: string): Promise<void> {
    const lines = this.#waiting.get(name);
    if (lines === undefined) return;
    this.#waiting.delete(name);
    this.#sizes.set(name, 0);
    await appendFile(this.#path(name), lines.join(""));
  }

  #path(name: string): string {
    return join(this.#directory, `${name}.ndjson`);
  }
}
