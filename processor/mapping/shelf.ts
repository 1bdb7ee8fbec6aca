import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { KeyMemory } from "./key-memory.ts";

/** A sealed part of a device's memory: source times and values by key. Never changed once it is made. */
export class Shelf {
  readonly seq: number;
  readonly #keys: ReadonlyMap<string, KeyMemory>;

  constructor(seq: number, keys: ReadonlyMap<string, KeyMemory>) {
    this.seq = seq;
    this.#keys = keys;
  }

  valueAt(key: string, timeUs: number): number | undefined {
    return this.#keys.get(key)?.valueAt(timeUs);
  }

  /** One list of key names and counts, then times as steps from the one before and values, compressed. */
  pack(): Uint8Array {
    const header = Buffer.from(JSON.stringify([...this.#keys].map(([key, memory]) => [key, memory.count])));
    const rows = [...this.#keys.values()].reduce((total, { count }) => total + count, 0);
    const numbers = new Float64Array(rows * 2);
    let at = 0;
    for (const memory of this.#keys.values()) {
      let before = 0;
      for (const timeUs of memory.timesUs) {
        numbers[at++] = timeUs - before;
        before = timeUs;
      }
      numbers.set(memory.values, at);
      at += memory.count;
    }
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    return zstdCompressSync(Buffer.concat([length, header, new Uint8Array(numbers.buffer)]));
  }

  static unpack(seq: number, packed: Uint8Array): Shelf {
    const bytes = zstdDecompressSync(packed);
    const start = 4 + bytes.readUInt32LE(0);
    const header = JSON.parse(bytes.toString("utf8", 4, start)) as [string, number][];
    const numbers = new Float64Array(new Uint8Array(bytes.subarray(start)).buffer);
    const keys = new Map<string, KeyMemory>();
    let at = 0;
    for (const [key, count] of header) {
      const timesUs = numbers.slice(at, at + count);
      for (let index = 1; index < count; index++) timesUs[index] = (timesUs[index - 1] ?? 0) + (timesUs[index] ?? 0);
      const memory = new KeyMemory();
      memory.fill(timesUs, numbers.subarray(at + count, at + 2 * count));
      keys.set(key, memory);
      at += 2 * count;
    }
    return new Shelf(seq, keys);
  }
}
