import { refused, type DecodeContext, type RefusedRow, type RowOutcome } from "../../decode/decoded.ts";
import { birthAt, isOfThisSession, newestBirth, type BirthRecord, type BornMetric, type InForce } from "./births.ts";
import { parsePayload, type Metric, type Payload } from "./payload.ts";
import { readMetrics, SPARKPLUG_TYPE } from "./read-metrics.ts";
import type { SparkplugTopic } from "./sparkplug-topic.ts";

/** What is known of a node and its devices. */
export interface KnownBirths {
  readonly node: BirthRecord | undefined;
  readonly device: BirthRecord | undefined;
}

export interface BirthSaid {
  readonly atUs: number;
  readonly bdSeq: number | null;
  readonly metrics: readonly BornMetric[];
}

/** What one message of a node says. */
export type SparkplugSays =
  | { readonly kind: "birth"; readonly birth: BirthSaid; readonly seq: number | undefined; readonly rows: readonly RowOutcome[] }
  | { readonly kind: "data"; readonly seq: number | undefined; readonly rows: readonly RowOutcome[] }
  /** No birth that is known explains it. */
  | { readonly kind: "unborn"; readonly seq: number | undefined; readonly what: string }
  | { readonly kind: "death"; readonly seq: number | undefined; readonly bdSeq: number | null }
  | { readonly kind: "bad"; readonly row: RefusedRow };

/** In order: data follows the newest birth. By time: births and data come from several hands, or long after. */
export type Trust = "in-order" | "by-time";

/** Reads one message with the births that are known; it changes nothing. */
export function readSparkplug(topic: SparkplugTopic, bytes: Uint8Array, known: KnownBirths, options: { readonly context: DecodeContext; readonly trust: Trust; readonly labels?: Readonly<Record<string, string>> }): SparkplugSays {
  const { context, trust, labels = {} } = options;
  const parsedPayload = parsePayload(bytes);
  if (!parsedPayload.ok) return { kind: "bad", row: { kind: "park", raw: bytes, contentType: SPARKPLUG_TYPE, device: null, refusal: parsedPayload.refusal } };
  const payload = parsedPayload.value;
  const { seq } = payload;
  const kind = topic.type.slice(1);
  if (kind === "DEATH") return { kind: "death", seq, bdSeq: bdSeqOf(payload.metrics) };
  if (kind === "BIRTH") {
    const birth = birthOf(payload, context);
    if (birth === undefined) return { kind: "bad", row: { kind: "park", raw: bytes, contentType: SPARKPLUG_TYPE, device: null, refusal: refused("malformed-binary", "a birth gives one alias to two metrics").refusal } };
    const read = readMetrics({ raw: bytes, payload, births: inForceOf(birth.metrics), context, labels });
    return read.kind === "rows" ? { kind: "birth", birth, seq, rows: read.rows } : { kind: "unborn", seq, what: read.what };
  }
  const record = topic.device === undefined ? known.node : known.device;
  const births = birthsFor(record, known, { timeUs: timeUsOf(payload, context), trust });
  const read = readMetrics({ raw: bytes, payload, births, context, labels: births?.isLater === true ? { ...labels, sparkplug_births: "later" } : labels });
  return read.kind === "rows" ? { kind: "data", seq, rows: read.rows } : { kind: "unborn", seq, what: read.what };
}

/** The births that data of an instant may be read with; none where its node was born again and it was not. */
function birthsFor(record: BirthRecord | undefined, { node }: KnownBirths, { timeUs, trust }: { readonly timeUs: number; readonly trust: Trust }): InForce | undefined {
  if (record === undefined) return undefined;
  if (trust === "by-time") return record.device === "" || isOfThisSession(record, node) || timeUs < (node?.births[0]?.fromUs ?? 0) ? birthAt(record, timeUs) : undefined;
  return record.alive && (record.device === "" || isOfThisSession(record, node)) ? newestBirth(record) : undefined;
}

function birthOf(payload: Payload, context: DecodeContext): BirthSaid | undefined {
  const metrics: BornMetric[] = [];
  const aliases = new Set<string>();
  for (const { name, alias, datatype, unit } of payload.metrics) {
    if (name === undefined) continue;
    if (alias !== undefined && aliases.has(alias)) return undefined;
    if (alias !== undefined) aliases.add(alias);
    metrics.push({ name, alias: alias ?? null, datatype: datatype ?? null, unit: unit ?? null });
  }
  return { atUs: timeUsOf(payload, context), bdSeq: bdSeqOf(payload.metrics), metrics };
}

function inForceOf(metrics: readonly BornMetric[]): InForce {
  return {
    byAlias: new Map(metrics.flatMap((metric) => (metric.alias === null ? [] : [[metric.alias, metric] as const]))),
    byName: new Map(metrics.map((metric) => [metric.name, metric])), isLater: false,
  };
}

function timeUsOf({ timestampMs }: Payload, { receivedAtUs }: DecodeContext): number {
  return timestampMs === undefined ? receivedAtUs : timestampMs * 1000;
}

function bdSeqOf(metrics: readonly Metric[]): number | null {
  const metric = metrics.find(({ name }) => name === "bdSeq");
  return metric?.value?.kind === "whole" ? Number(metric.value.value) : null;
}
