import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";

const PIECE_BYTES = 1024 * 1024;
const NEWLINE = 10;
const FIELDS = 5;

/** Counts the lines of a file that grows, reading only what came since. */
export class LineCounter {
  readonly #path: string;
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #at = 0;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whole lines in the file now; none while there is no file. */
  count(): number {
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
      throw error;
    }
    try {
      for (;;) {
        const read = readSync(file, this.#piece, 0, PIECE_BYTES, this.#at);
        if (read === 0) return this.#lines;
        const piece = this.#piece.subarray(0, read);
        for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) this.#lines += 1;
        this.#at += read;
      }
    } finally {
      closeSync(file);
    }
  }
}

/** What stands in a file of lines "device,time,value,value,value". */
export interface LineReport {
  /** Lines by device that say more than the line of the device before: a repeated or an older one is not among them. */
  readonly fresh: ReadonlyMap<string, number>;
  /** Repeated or older ones, and what is no such line. */
  readonly other: number;
}

/** Reads the whole file once. The times of each device's readings rise, so what does not rise came twice or out of turn. */
export async function readLines(path: string): Promise<LineReport> {
  const fresh = new Map<string, number>();
  const lastMs = new Map<string, number>();
  let other = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [device = "", ...values] = line.split(",");
    const timeMs = Number(values[0]);
    if (values.length !== FIELDS - 1 || values.some((value) => value === "" || !Number.isFinite(Number(value))) || timeMs <= (lastMs.get(device) ?? 0)) {
      other += 1;
      continue;
    }
    lastMs.set(device, timeMs);
    fresh.set(device, (fresh.get(device) ?? 0) + 1);
  }
  return { fresh, other };
}
