import { compareRevisions, hasCode, partitionOf, sameContent, topics, type EventLog, type HeldFact, type PartitionBounds, type PointKey, type TierName } from "@caudal/core";
import type { Codec } from "@caudal/schemas";

/** A fact that one tier has and another lacks, or has in a lesser revision. */
export interface Suspect extends PointKey {
  readonly fact: HeldFact;
  readonly holder: TierName;
  readonly lacking: TierName;
}

/** in-log: a record says so. not-in-log: the log reaches back to when it was known, and has no such record. older-than-log: nobody can tell any more. */
export type Testimony = "in-log" | "not-in-log" | "older-than-log";

export interface Witness {
  readonly log: EventLog;
  readonly codec: Codec;
}

/** A record comes after the instant at which its facts were known, but for clocks that differ and for a processor that was behind. */
const MARGIN_US = 600_000_000;
const READ_RECORDS = 2000;

/** Asks caudal.measurements for facts; what it says of each, in their order. Reads each partition once, from the oldest fact asked for to its end. */
export async function askLog({ log, codec }: Witness, suspects: readonly Suspect[], signal: AbortSignal): Promise<readonly Testimony[]> {
  const bounds = await log.bounds(topics.measurements);
  const said = new Map<Suspect, Testimony>();
  const byPartition = Map.groupBy(suspects, ({ point }) => partitionOf(point, bounds.length));
  for (const [partition, asked] of byPartition) await askPartition({ log, codec, bounds: bounds[partition]!, signal }, asked, said);
  return suspects.map((suspect) => said.get(suspect) ?? "not-in-log");
}

async function askPartition(
  { log, codec, bounds, signal }: Witness & { readonly bounds: PartitionBounds; readonly signal: AbortSignal }, asked: readonly Suspect[], said: Map<Suspect, Testimony>,
): Promise<void> {
  const { partition, startOffset, endOffset } = bounds;
  const firstUs = await appendedAtUs(log, partition, startOffset, endOffset);
  const waiting = new Map<string, Suspect[]>();
  for (const suspect of asked) {
    const list = waiting.get(nameOf(suspect, suspect.fact));
    if (list === undefined) waiting.set(nameOf(suspect, suspect.fact), [suspect]);
    else list.push(suspect);
  }
  const oldestUs = Math.min(...asked.map(({ fact }) => fact.knownAtUs)) - MARGIN_US;
  let fromOffset = await offsetAt(log, { partition, startOffset, endOffset }, oldestUs);
  while (fromOffset < endOffset && waiting.size > 0) {
    signal.throwIfAborted();
    const batch = await log.read({ topic: topics.measurements, partition, fromOffset, maxRecords: READ_RECORDS, signal });
    for (const { value } of batch.records) {
      const decoded = codec.decode("Measurement", value);
      if (!decoded.ok) continue;
      const { instantUs, authority, knownAtUs, facts } = decoded.value;
      for (const { variable, value: held, flag, reasons } of facts) {
        const fact: HeldFact = { instantUs, variable, value: held, flag, reasons, authority, knownAtUs };
        const name = nameOf(decoded.value, fact);
        for (const suspect of waiting.get(name) ?? []) if (compareRevisions(suspect.fact, fact) === 0 && sameContent(suspect.fact, fact)) said.set(suspect, "in-log");
        if (waiting.get(name)?.every((suspect) => said.has(suspect)) === true) waiting.delete(name);
      }
    }
    if (batch.nextOffset <= fromOffset) break;
    fromOffset = batch.nextOffset;
  }
  const reachesUs = firstUs ?? Infinity;
  for (const suspect of asked) if (!said.has(suspect)) said.set(suspect, startOffset > 0 && suspect.fact.knownAtUs < reachesUs ? "older-than-log" : "not-in-log");
}

/** First offset whose record was appended at or after the instant, by halving. */
async function offsetAt(log: EventLog, { partition, startOffset, endOffset }: PartitionBounds, timeUs: number): Promise<number> {
  let [low, high] = [startOffset, endOffset];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const appendedUs = await appendedAtUs(log, partition, middle, endOffset);
    if (appendedUs !== undefined && appendedUs < timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When the first record from the offset on was appended; undefined when there is none, or the log let go of it meanwhile. */
async function appendedAtUs(log: EventLog, partition: number, fromOffset: number, endOffset: number): Promise<number | undefined> {
  if (fromOffset >= endOffset) return undefined;
  try {
    return (await log.read({ topic: topics.measurements, partition, fromOffset, maxRecords: 1 })).records[0]?.appendedAtUs;
  } catch (error) {
    if (hasCode(error, "offset-out-of-range")) return -Infinity;
    throw error;
  }
}

function nameOf({ client, point }: PointKey, { instantUs, variable }: HeldFact): string {
  return JSON.stringify([client, point, instantUs, variable]);
}
