import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reading } from "@caudal/schemas";
import type { Sandbox, TruthRow } from "../../../sandbox/index.ts";
import { writtenValue } from "./judge.ts";
import type { OddBody } from "./odd-bodies.ts";

export interface DayTruthAsk {
  readonly sandbox: Sandbox;
  readonly seed: string;
  readonly client: string;
  /** Of which nothing could be used. */
  readonly bodies: readonly OddBody[];
  /** What the log holds. */
  readonly readings: readonly Reading[];
  /** Rows of these times, as they could be seen at `asOfMs`, must be there. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs: number;
}

/** Units as the catalogue writes them. */
const unitCodes: Readonly<Record<string, string>> = { pulses: "pulse" };
const AROUND_MS = 10 * 86_400_000;

/**
 * What the sandbox knows, in the auditor's files. The newest value of a row that could be seen is a message that must be stored, whether it came or
 * not: it was there to be asked for. Other values that the row ever had (before a correction, or of hours that do not count) are messages where the
 * log took them, for what is durable there is promised; a correction names the value before it. What the log took once more is a repetition.
 */
export async function writeDayTruth(directory: string, ask: DayTruthAsk): Promise<void> {
  const { sandbox, seed, client, bodies, readings, fromMs, toMs, asOfMs } = ask;
  await mkdir(directory, { recursive: true });
  const devices = sandbox.accounts().flatMap((account) => account.devices);
  await writeFile(join(directory, "fleet.json"), JSON.stringify({
    format: 1, seed, client, devices: devices.map(({ device, keys }) => ({ device, keys: keys.map(({ quantity, unit }) => ({ key: quantity, variable: quantity, unit: unitCodes[unit] ?? unit })) })),
  }));
  const quantities = new Map(devices.map(({ device, keys }) => [device, new Map(keys.map(({ key, quantity }) => [key, quantity]))]));
  const taken = timesTaken(readings);
  const messages = new MessageFiles(directory);
  for (const row of sandbox.truth({ fromMs: fromMs - AROUND_MS, toMs: toMs + AROUND_MS })) {
    const { device, timeUs, revisions } = row;
    const key = quantities.get(device)?.get(row.key) ?? row.key;
    const due = row.ts >= fromMs && row.ts < toMs ? revisions.findLastIndex(({ visibleAt }) => visibleAt <= asOfMs) : -1;
    let before: number | undefined;
    for (const [at, { value, visibleAt }] of revisions.entries()) {
      const times = taken.get(idOf({ device, key, timeUs, value })) ?? 0;
      if (times === 0 && at !== due) continue;
      const number = numberOf(value);
      const sent = { transport: "poll", device, atUs: visibleAt * 1000, samples: [{ key, timeUs, value: number }] };
      const first = await messages.add({ ...sent, expect: number === null ? "dropped:not-numeric" : "stored", ...(before === undefined ? {} : { corrects: before }) });
      for (let again = 1; again < times; again += 1) await messages.add({ ...sent, expect: number === null ? "dropped:not-numeric" : "dropped:duplicate", repeats: first });
      before = first;
    }
  }
  // The same body for a device is one event, however often it came.
  for (const { device, raw, isSure, times } of bodies) {
    await messages.add({ transport: "poll", device, atUs: asOfMs * 1000, samples: [], expect: "parked:malformed-json", raw }, { outcome: isSure ? "acknowledged" : "unknown", attempts: times });
  }
  await messages.close();
}

/** How often the log holds each value of each row. */
function timesTaken(readings: readonly Reading[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { device, samples } of readings) {
    for (const { key, timeUs, value } of samples) {
      const id = idOf({ device, key, timeUs: timeUs ?? Number.NaN, value });
      times.set(id, (times.get(id) ?? 0) + 1);
    }
  }
  return times;
}

/** Messages with their numbers. */
class MessageFiles {
  readonly #sent: WriteStream;
  readonly #acknowledged: WriteStream;
  #count = 0;

  constructor(directory: string) {
    this.#sent = createWriteStream(join(directory, "sent.ndjson"));
    this.#acknowledged = createWriteStream(join(directory, "acknowledged.ndjson"));
  }

  /** Resolves with its number. */
  async add(message: object, { outcome, attempts } = { outcome: "acknowledged", attempts: 1 }): Promise<number> {
    const seq = this.#count++;
    await line(this.#sent, { seq, ...message });
    await line(this.#acknowledged, { seq, outcome, attempts });
    return seq;
  }

  async close(): Promise<void> {
    for (const stream of [this.#sent, this.#acknowledged]) await new Promise<void>((resolve) => stream.end(resolve));
  }
}

async function line(stream: WriteStream, body: object): Promise<void> {
  if (!stream.write(`${JSON.stringify(body)}\n`)) await once(stream, "drain");
}

function idOf({ device, key, timeUs, value }: { readonly device: string; readonly key: string; readonly timeUs: number; readonly value: unknown }): string {
  return `${device} ${key} ${timeUs} ${writtenValue(value)}`;
}

/** Null for a text that is no number. */
function numberOf(value: TruthRow["value"]): number | null {
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
