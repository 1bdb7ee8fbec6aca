import { configurationBody, pointIdOf, recountCollection, systemScope, topics, wordBody, type PointSettings, type RecountRecord, type SeriesTier, type WordChange } from "@caudal/core";
import type { PointEvent, Reading } from "@caudal/schemas";
import type { Processor, ProcessorOptions } from "../index.ts";
import { heldFacts } from "../replay/held-facts.ts";
import type { Bench } from "../replay/test-replay.ts";
import { reading, S, T0, until } from "../test-station.ts";

export const point = pointIdOf("acme", "well");
export const key = { client: "acme", point };
export const FIVE_MIN = 300;
export const REST = { quietMs: 60, mostMs: 2000 };
let serial = 0;

/** Says something of the point, as business does. */
export async function tell(bench: Bench, kind: string, body: string): Promise<void> {
  const id = `told-${++serial}`;
  const event: PointEvent = {
    eventId: id, client: "acme", point, kind, device: "", channel: "", source: "business", transport: "", observedAtUs: null, receivedAtUs: Date.now() * 1000, causeId: id, causePartition: -1, causeOffset: -1,
    samples: [], withdrawn: [], body, labels: {},
  };
  await bench.station.publish(topics.points, { key: point, value: bench.station.codec.encode("PointEvent", event) });
}

export const settle = (bench: Bench, values: PointSettings): Promise<void> => tell(bench, "configuration", configurationBody({ variables: {}, settings: [{ validFromUs: null, values, changedAtUs: T0, changedBy: "Ana" }] }));
export const say = (bench: Bench, word: WordChange): Promise<void> => tell(bench, "decision", wordBody(word));
export const start = (bench: Bench, more: Partial<ProcessorOptions> = {}): Promise<Processor> => bench.station.start({ cold: bench.cold, recountRest: REST, ...more });

/** Counts every five minutes; `reset`: the row at which the counter begins anew. */
export function counts(from: number, rows: number, { at = 0, reset = Infinity }: { readonly at?: number; readonly reset?: number } = {}): Reading[] {
  return Array.from({ length: rows }, (_, index) => reading("well", from + index * FIVE_MIN, { pulses: index < reset ? at + index * 2 : (index - reset) * 2 + 1 }));
}

/** Everything stands in the tiers, and nothing waits to be recounted. */
export async function whole(bench: Bench, processor: Processor): Promise<void> {
  await bench.settled();
  await until("nothing waits to be recounted", async () => (await record(bench))?.state !== "waiting" && processor.status().recounting.points === 0, 60_000);
  await bench.settled();
}

/** [seconds after T0, value] of a variable, in time order, withdrawn ones left out. */
export async function values(tier: SeriesTier, variable: string): Promise<[number, number | null][]> {
  const found: [number, number | null][] = [];
  for await (const fact of heldFacts(tier, { ...key, fromUs: -Infinity, toUs: Infinity })) {
    if (fact.variable === variable && !fact.reasons.includes("withdrawn")) found.push([(fact.instantUs - T0) / S, fact.value]);
  }
  return found;
}

export async function record(bench: Bench): Promise<RecountRecord | undefined> {
  return (await (await bench.station.documents.collection<RecountRecord>(recountCollection)).get(systemScope, point))?.body;
}
