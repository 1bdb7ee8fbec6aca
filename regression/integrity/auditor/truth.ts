import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The fleet that sent, as its simulator describes it. */
export interface Fleet {
  readonly seed: string;
  readonly client: string;
  readonly devices: readonly FleetDevice[];
}

export interface FleetDevice {
  readonly device: string;
  readonly keys: readonly { readonly key: string; readonly variable: string; readonly unit: string }[];
}

export interface SentSample {
  readonly key: string;
  readonly timeUs: number;
  /** Null where the source wrote what is no number: it is to be archived, and gives no fact. */
  readonly value: number | null;
}

/** A message as it was sent. */
export interface SentMessage {
  readonly seq: number;
  readonly transport: string;
  readonly device: string;
  readonly atUs: number;
  readonly samples: readonly SentSample[];
  /** stored, parked:<reason> or dropped:<reason>. */
  readonly expect: string;
  /** The message that it repeats on purpose or corrects: that one was settled before. */
  readonly follows: number | null;
  readonly raw: string | undefined;
}

/** What became of a message at the edge, as its sender saw it last. */
export interface Acknowledgement {
  readonly seq: number;
  readonly outcome: "acknowledged" | "refused" | "unknown";
  readonly attempts: number;
}

type Json = Readonly<Record<string, unknown>>;

export async function readFleet(directory: string): Promise<Fleet> {
  const at = join(directory, "fleet.json");
  const fleet = objectOf(JSON.parse(await readFile(at, "utf8")), at);
  if (fleet["format"] !== 1) throw new TypeError(`${at}: format ${String(fleet["format"])} is not known`);
  return {
    seed: text(fleet, "seed", at),
    client: text(fleet, "client", at),
    devices: list(fleet, "devices", at).map((device) => ({
      device: text(device, "device", at),
      keys: list(device, "keys", at).map((key) => ({ key: text(key, "key", at), variable: text(key, "variable", at), unit: text(key, "unit", at) })),
    })),
  };
}

export async function* readSent(directory: string): AsyncGenerator<SentMessage> {
  for await (const { line, at } of linesOf(join(directory, "sent.ndjson"))) {
    yield {
      seq: number(line, "seq", at),
      transport: text(line, "transport", at),
      device: text(line, "device", at),
      atUs: number(line, "atUs", at),
      samples: list(line, "samples", at).map((sample) => ({ key: text(sample, "key", at), timeUs: number(sample, "timeUs", at), value: sample["value"] === null ? null : number(sample, "value", at) })),
      expect: text(line, "expect", at),
      follows: line["repeats"] !== undefined ? number(line, "repeats", at) : line["corrects"] !== undefined ? number(line, "corrects", at) : null,
      raw: line["raw"] === undefined ? undefined : text(line, "raw", at),
    };
  }
}

/** In the order of writing; the last that is said of a message holds, but what was acknowledged once stays so. */
export async function* readAcknowledged(directory: string): AsyncGenerator<Acknowledgement> {
  for await (const { line, at } of linesOf(join(directory, "acknowledged.ndjson"))) {
    const outcome = text(line, "outcome", at);
    if (outcome !== "acknowledged" && outcome !== "refused" && outcome !== "unknown") throw new TypeError(`${at}: outcome ${outcome}`);
    yield { seq: number(line, "seq", at), outcome, attempts: number(line, "attempts", at) };
  }
}

/** A last line without its end was cut by a kill of the simulator: what it speaks of was not sent yet. */
async function* linesOf(path: string): AsyncGenerator<{ line: Json; at: string }> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let number = 0;
  let failed: { error: unknown; at: string } | undefined;
  for await (const line of lines) {
    number += 1;
    if (failed !== undefined) throw new TypeError(`${failed.at}: no JSON`, { cause: failed.error });
    if (line === "") continue;
    const at = `${path}:${number}`;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch (error) {
      failed = { error, at };
      continue;
    }
    yield { line: objectOf(parsed, at), at };
  }
}

function objectOf(value: unknown, at: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(`${at}: no object`);
  return value as Json;
}

function text(from: Json, name: string, at: string): string {
  const value = from[name];
  if (typeof value !== "string") throw new TypeError(`${at}: ${name} is no text`);
  return value;
}

function number(from: Json, name: string, at: string): number {
  const value = from[name];
  if (typeof value !== "number") throw new TypeError(`${at}: ${name} is no number`);
  return value;
}

function list(from: Json, name: string, at: string): readonly Json[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new TypeError(`${at}: ${name} is no list`);
  return value.map((one) => objectOf(one, at));
}
