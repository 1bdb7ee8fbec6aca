import { topics, type PartitionHandler } from "@caudal/core";
import type { Codec, Measurement } from "@caudal/schemas";
import type { Arrivals } from "./arrivals.ts";
import type { Fleet } from "./fleet.ts";
import { valueOf } from "./measured.ts";
import type { YearStores } from "./stores.ts";

/** A value that took the place of another, and when the service had word of it. */
export interface Correction {
  readonly point: string;
  readonly variable: string;
  readonly instantUs: number;
  readonly value: number;
  readonly toldMs: number;
}

export interface Feeding {
  readonly seed: string;
  readonly arrivals: Arrivals;
  readonly stores: YearStores;
  readonly fleet: Fleet;
  readonly codec: Codec;
  /** Of the clock that nobody sets. */
  readonly nowMs: () => number;
  readonly isOver: () => boolean;
}

const HOUR_MS = 3_600_000;
/** Minute of the hour at which the measurements of the last hour are brought. */
const AT_MS = 7 * 60_000;
const AGAIN_MS = 20_000;
const AT_ONCE = 500;

/** Brings what was measured to where it is read, and word of what came late to the service, until it has it. */
export async function feed({ seed, arrivals, stores, fleet, codec, nowMs, isOver }: Feeding, corrections: Correction[]): Promise<void> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
  let offset = 0;
  while (!isOver()) {
    const found = arrivals.until(nowMs() * 1000);
    if (!stores.isComputed) for (let at = 0; at < found.length; at += AT_ONCE) await stores.measured(found.slice(at, at + AT_ONCE).map(({ measurement }) => measurement));
    const late = found.filter(({ isLate }) => isLate);
    for (let at = 0; at < late.length; at += AT_ONCE) {
      const some = late.slice(at, at + AT_ONCE);
      const batch = batchOf(some.map(({ measurement }) => measurement), { codec, offset, nowUs: nowMs() * 1000 });
      offset += some.length;
      while (!isOver() && !(await fleet.handle(batch))) await pause(AGAIN_MS);
      if (isOver()) return;
      for (const { measurement: { point, instantUs }, known } of some) {
        if (known.isCorrection) corrections.push({ point, variable: "flow", instantUs, value: valueOf(seed, point, "flow", known), toldMs: nowMs() });
      }
    }
    await pause(HOUR_MS - ((nowMs() - AT_MS) % HOUR_MS));
  }
}

type Batch = Parameters<PartitionHandler["handle"]>[0];

function batchOf(measurements: readonly Measurement[], { codec, offset, nowUs }: { readonly codec: Codec; readonly offset: number; readonly nowUs: number }): Batch {
  const records = measurements.map((value, at) => ({ key: value.point, value: codec.encode("Measurement", value), headers: {}, offset: offset + at, appendedAtUs: nowUs }));
  return { topic: topics.measurements, partition: 0, records, nextOffset: offset + records.length, endOffset: offset + records.length };
}
