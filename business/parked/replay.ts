import { CaudalError, EDGE_GROUP, REPLAY_HEADER, topics, type EventLog, type LogRecord } from "@caudal/core";
import { policyOf, Problem } from "@caudal/runtime";
import type { Codec, Parked } from "@caudal/schemas";
import { readParked } from "./bytes.ts";
import type { ParkedRecord } from "./parked-record.ts";

/** What came of decoding an edge's bytes again. */
export type Redecoded = { readonly published: number } | { readonly stillBad: string; readonly detail: string };

/** Decodes again what an edge parked, with the mappings now in force, and publishes it. The collector's, handed over by the composition root. */
export type Redecode = (parked: Parked) => Promise<Redecoded>;

/** What came of handing over one event; `error` says why its bytes could not be had. */
export type HandedOver = { readonly kind: "replayed" } | { readonly kind: "still-bad"; readonly reason: string; readonly detail: string } | { readonly kind: "unreadable"; readonly error: Error };

export interface ReplayOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly redecode: Redecode;
}

const replayed: HandedOver = { kind: "replayed" };
const known: ReadonlySet<string> = new Set(Object.values(topics));

/**
 * Hands parked events to the groups that could not use them, in their order within a key. Durable when it resolves, one answer an event;
 * doing it twice is harmless, for every effect is idempotent. Rejects when a store or an edge is not there: some may be handed over then.
 */
export async function replayParked(options: ReplayOptions, records: readonly ParkedRecord[]): Promise<readonly HandedOver[]> {
  const read = await Promise.all(records.map((record) => wholeOf(options, record)));
  const answers: HandedOver[] = read.map((whole) => (whole instanceof Error ? { kind: "unreadable", error: whole } : replayed));
  const byTopic = new Map<string, LogRecord[]>();
  const edges = new Map<string, { readonly at: number; readonly parked: Parked }[]>();
  for (const [at, whole] of read.entries()) {
    if (whole instanceof Error) continue;
    const { group, topic, key, value, headers } = whole;
    if (group === EDGE_GROUP) edges.set(key, [...(edges.get(key) ?? []), { at, parked: whole }]);
    else if (!known.has(topic)) answers[at] = { kind: "unreadable", error: new CaudalError("corrupt", `there is no topic ${JSON.stringify(topic)}`) };
    else byTopic.set(topic, [...(byTopic.get(topic) ?? []), { key, value, headers: { ...headers, [REPLAY_HEADER]: group } }]);
  }
  for (const [topic, list] of byTopic) await options.log.publish(topic, list);
  await Promise.all([...edges.values()].map(async (ofKey) => {
    for (const { at, parked } of ofKey) {
      const outcome = await options.redecode(parked);
      if ("stillBad" in outcome) answers[at] = { kind: "still-bad", reason: outcome.stillBad, detail: outcome.detail };
    }
  }));
  return answers;
}

/** The event, or why it cannot be read however often somebody tries. */
async function wholeOf({ log, codec }: ReplayOptions, record: ParkedRecord): Promise<Parked | Error> {
  try {
    return await readParked(log, codec, record);
  } catch (error) {
    if (error instanceof Problem || (error instanceof CaudalError && policyOf(error) === "no" && error.code !== "closed")) return error;
    throw error;
  }
}
