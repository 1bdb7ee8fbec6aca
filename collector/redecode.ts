import { NO_CLIENT } from "@caudal/runtime";
import { systemScope } from "@caudal/core";
import type { Parked } from "@caudal/schemas";
import type { DecodedRow, Refusal } from "./decode/decoded.ts";
import { fileContext, liveContext } from "./decode/decode-context.ts";
import { formats } from "./decode/formats.ts";
import { formatOfFile } from "./dropfolder/file-names.ts";
import type { ClientResolver } from "./edge/client-resolver.ts";
import type { Edge, Prepared, Route } from "./edge/edge.ts";
import { derivedEventId } from "./edge/event-id.ts";
import { traceparentFrom } from "./edge/trace.ts";
import { decodeMqtt } from "./mqtt/decode-mqtt.ts";
import type { MappingTable } from "./mqtt/mapping-table.ts";
import type { Sparkplug } from "./mqtt/sparkplug/sparkplug.ts";
import { WEBHOOK_PATH } from "./webhooks/operations.ts";
import type { Webhook } from "./webhooks/webhook-file.ts";
import { isWebhookKind, kinds } from "./webhooks/webhook-kinds.ts";

export interface RedecodeOptions {
  readonly mappings: MappingTable;
  readonly edge: Edge;
  readonly resolver: ClientResolver;
  /** Zone of dropped files' times without an offset. */
  readonly dropZone: string;
  /** Networks that call, with what was said of their devices. */
  readonly webhooks?: readonly Webhook[];
  /** Births that Sparkplug's data is read with; without them only what names its metrics can be read. */
  readonly sparkplug?: Pick<Sparkplug, "takes" | "again"> | undefined;
}

/** What came of decoding parked bytes again: all of it is in the log, or it stays parked for this reason. */
export type Redecoded = { readonly published: number } | { readonly stillBad: string; readonly detail: string };

interface Again {
  readonly client: string | undefined;
  readonly source: string;
  readonly readings: readonly { readonly device: string | undefined; readonly row: DecodedRow; readonly labels: Readonly<Record<string, string>> }[];
  readonly refusals: readonly Refusal[];
}

/**
 * Decodes again what an edge parked, with the mappings and rules now in force, as received when it was, and publishes it. One event
 * gives the same readings' ids however often it is replayed. Unless every row of it can be used nothing is published.
 */
export function createRedecoder({ mappings, edge, resolver, dropZone, webhooks = [], sparkplug }: RedecodeOptions): (parked: Parked) => Promise<Redecoded> {
  return async (parked) => {
    const again = parked.transport === "file" ? ofFile(parked, dropZone) : parked.origin.startsWith(`${WEBHOOK_PATH}/`) ? ofWebhook(parked, webhooks) : await ofMessage(parked, mappings, sparkplug);
    const [refusal] = again.refusals;
    if (refusal !== undefined) return stillBad(refusal);
    const client = again.client ?? (parked.client === NO_CLIENT ? undefined : parked.client);
    const clients = client === undefined ? await resolver.resolve(systemScope, again.readings.flatMap(({ device }) => device ?? [])) : undefined;
    const route: Route = { source: again.source, transport: parked.transport, origin: parked.origin, receivedAtUs: parked.receivedAtUs };
    const prepared: Prepared[] = [];
    for (const [at, { device, row, labels }] of again.readings.entries()) {
      if (device === undefined) return stillBad({ why: "no-device", detail: "nothing names a device" });
      const owner = client ?? clients?.get(device);
      if (owner === undefined) return stillBad({ why: "unknown-client", detail: "several clients may be meant" });
      const ready = edge.prepare({ client: owner, device, eventId: derivedEventId("replay", parked.eventId, at), traceparent: traceparentFrom(parked.headers["traceparent"]), route, row, labels });
      if (!ready.ok) return stillBad(ready.refusal);
      prepared.push(ready.value);
    }
    await edge.publish(prepared);
    return { published: prepared.length };
  };
}

function stillBad({ why, detail }: Refusal): Redecoded {
  return { stillBad: why, detail };
}

async function ofMessage(parked: Parked, mappings: MappingTable, sparkplug: RedecodeOptions["sparkplug"]): Promise<Again> {
  const message = { topic: parked.origin, payload: parked.value, receivedAtUs: parked.receivedAtUs, retained: false };
  const outcome = sparkplug?.takes(message.topic) === true ? await sparkplug.again(message, { client: parked.client === NO_CLIENT ? "" : parked.client, reason: parked.reason }) : decodeMqtt(mappings, message, { anySize: true, columns: columnsOf(parked) });
  if (outcome.kind === "readings") return { client: outcome.client, source: outcome.source, readings: outcome.readings, refusals: outcome.refused.map(({ refusal }) => refusal) };
  const refusal: Refusal = outcome.kind === "unmapped" ? { why: "unmapped-topic", detail: `no mapping fits ${parked.origin}` } : { why: "unsupported-format", detail: "a word of presence is not replayed: it is long past" };
  return { client: undefined, source: parked.source, readings: [], refusals: [refusal] };
}

function ofWebhook(parked: Parked, webhooks: readonly Webhook[]): Again {
  const [kind = "", client = ""] = parked.origin.slice(WEBHOOK_PATH.length + 1).split("/");
  const empty = { client, source: parked.source, readings: [] };
  if (!isWebhookKind(kind)) return { ...empty, refusals: [{ why: "unsupported-format", detail: `no network that calls is known as ${kind}` }] };
  const options = webhooks.find((one) => one.kind === kind && one.client === client)?.options ?? {};
  const outcomes = formats[kinds[kind].format](parked.value, liveContext(parked.receivedAtUs, "UTC", options));
  const readings = outcomes.flatMap((row) => (row.kind === "reading" ? [{ device: parked.device === "" ? (row.device ?? undefined) : parked.device, row, labels: {} }] : []));
  return { ...empty, readings, refusals: outcomes.flatMap((row) => (row.kind === "park" ? [row.refusal] : [])) };
}

function ofFile(parked: Parked, zone: string): Again {
  const format = formatOfFile(parked.origin);
  const empty = { client: undefined, source: parked.source };
  if (format === undefined) return { ...empty, readings: [], refusals: [{ why: "unsupported-format", detail: "a file's name ends in .json, .ndjson, .jsonl, .csv or .txt" }] };
  const columns = columnsOf(parked);
  const rows = formats[format](parked.value, fileContext(parked.receivedAtUs, zone, columns === undefined ? {} : { columns }));
  const readings: Again["readings"][number][] = [];
  const refusals: Refusal[] = [];
  for (const row of rows) {
    if (row.kind === "park") refusals.push(row.refusal);
    else if (row.kind === "reading") readings.push({ device: parked.device === "" ? (row.device ?? undefined) : parked.device, row, labels: {} });
  }
  return { ...empty, readings, refusals };
}

/** The header that a parked line stood under. */
function columnsOf(parked: Parked): readonly string[] | undefined {
  return parked.labels["columns"]?.split(";");
}
