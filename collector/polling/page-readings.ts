import { hash } from "node:crypto";
import type { Account, AccountDevice } from "../providers/account.ts";
import type { Answer, RefusedRow, TimedSample } from "../providers/provider.ts";
import type { Refusal } from "../decode/decoded.ts";
import type { Edge, Kept, Prepared, Route } from "../edge/edge.ts";
import { derivedEventId, newEventId } from "../edge/event-id.ts";
import { traceparentFrom } from "../edge/trace.ts";
import type { Redactor } from "../outbound/redact.ts";

/** Values of one reading at most, as at every edge. */
const MAX_SAMPLES = 1000;
/** Bytes of an answer in one reading at most: with its samples it then fits a record of every log. */
const MAX_RAW_BYTES = 400_000;

export interface PageOptions {
  readonly edge: Edge;
  readonly account: Account;
  readonly device: AccountDevice;
  readonly receivedAtUs: number;
  /** What takes the account's secrets out: no event holds one. */
  readonly redactor: Redactor;
}

export interface PageRows {
  readonly samples: readonly TimedSample[];
  /** True when the rows may have been published before: then they are a new event, for what says the same again later must not pass for a redelivery. */
  readonly maybeAgain: boolean;
  /** True when they are a sign of life: new rows of the newest. */
  readonly heard: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PageRecords {
  readonly prepared: readonly Prepared[];
  readonly kept: readonly Kept[];
}

/**
 * The readings of a page: one, unless it does not fit. Then its samples are divided, and the answer's bytes too, part by part in their order: the
 * label `part` says which (`2/3`), the label `page` is the whole answer's SHA-256, and the parts' raw bytes one after the other are the answer.
 * A part after the last of them carries none.
 */
export function pageReadings(answer: Answer, { samples, maybeAgain, heard, labels }: PageRows, options: PageOptions): PageRecords {
  const { account, device } = options;
  const { bytes, masked } = redacted(answer.body, options.redactor);
  const rawParts = cut(bytes.length, MAX_RAW_BYTES).map(([from, to]) => bytes.subarray(from, to));
  const sampleParts = cut(samples.length, MAX_SAMPLES).map(([from, to]) => samples.slice(from, to));
  const parts = Math.max(rawParts.length, sampleParts.length);
  const whole = hash("sha256", bytes, "hex");
  const common = {
    ...account.labels, ...(device.name === undefined ? {} : { name: device.name }), ...labels, ...(masked ? { masked: "secrets" } : {}), ...(device.sentinels.length === 0 ? {} : { sentinels: device.sentinels.join(";") }),
  };
  const prepared: Prepared[] = [];
  const kept: Kept[] = [];
  for (let part = 0; part < parts; part += 1) {
    const rows = sampleParts[part] ?? [];
    const eventId = maybeAgain ? newEventId() : derivedEventId("poll", account.client, account.id, device.device, part, JSON.stringify(rows));
    const raw = rawParts[part] ?? new Uint8Array();
    const ready = options.edge.prepare({
      client: account.client, device: device.device, eventId, traceparent: traceparentFrom(undefined), route: routeOf(options), heard,
      labels: parts === 1 ? common : { ...common, page: whole, part: `${part + 1}/${parts}` },
      row: { kind: "reading", raw, contentType: contentTypeOf(answer), device: null, samples: rows, labels: {}, observedAtUs: newestOf(rows) },
    });
    if (ready.ok) prepared.push(ready.value);
    // Keys or texts of a size that no meter has.
    else kept.push(keptOf(options, { raw: bytes, contentType: contentTypeOf(answer), refusal: ready.refusal, masked }));
  }
  return { prepared, kept };
}

/** Rows that cannot be used, each whole. */
export function refusedRows(rows: readonly RefusedRow[], contentType: string, options: PageOptions): readonly Kept[] {
  return rows.map(({ raw, why, detail }) => {
    const { bytes, masked } = redacted(raw, options.redactor);
    return keptOf(options, { raw: bytes, contentType, refusal: { why, detail: options.redactor.text(detail) }, masked });
  });
}

/** An answer of which nothing can be used, whole. The same answer again is the same event. */
export function refusedAnswer(body: Uint8Array, contentType: string, detail: string, options: PageOptions): Kept {
  const { bytes, masked } = redacted(body, options.redactor);
  return keptOf(options, { raw: bytes, contentType, refusal: { why: isJson(body) ? "wrong-type" : "malformed-json", detail: options.redactor.text(detail) }, masked });
}

/** As the source wrote it, cut to what a label may hold. */
export function contentTypeOf({ headers }: Pick<Answer, "headers">): string {
  return (headers["content-type"] ?? "application/octet-stream").slice(0, 200);
}

function routeOf({ account, device, receivedAtUs }: PageOptions): Route {
  return { source: account.provider.id, transport: "poll", origin: `${account.id}/${device.device}`, receivedAtUs };
}

function keptOf(options: PageOptions, { raw, contentType, refusal, masked }: { readonly raw: Uint8Array; readonly contentType: string; readonly refusal: Refusal; readonly masked: boolean }): Kept {
  const { account: { client, id }, device: { device } } = options;
  return {
    client, device, route: routeOf(options), raw, contentType, refusal, eventId: derivedEventId("poll", client, id, device, refusal.why, hash("sha256", raw, "hex")),
    ...(masked ? { labels: { masked: "secrets" } } : {}),
  };
}

function redacted(raw: Uint8Array, redactor: Redactor): { readonly bytes: Uint8Array; readonly masked: boolean } {
  const bytes = redactor.bytes(raw);
  return { bytes, masked: bytes !== raw };
}

function newestOf(samples: readonly TimedSample[]): number | null {
  return samples.reduce<number | null>((newest, { timeUs }) => (newest === null || timeUs > newest ? timeUs : newest), null);
}

/** Cuts 0…length into stretches of at most `most`; one, empty, when there is nothing. */
function cut(length: number, most: number): readonly (readonly [from: number, to: number])[] {
  const parts = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: parts }, (_, part) => [part * most, Math.min(length, (part + 1) * most)]);
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return true;
  } catch {
    return false;
  }
}
