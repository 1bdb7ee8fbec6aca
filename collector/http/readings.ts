import { allows, deviceKey, may, pointIdOf, speaksFor, type Scope } from "@caudal/core";
import { defineOperation, mediaTypeOf, noFaults, Problem, type ApiRequest, type FaultPoints, type Metrics, type Operation, type Reply } from "@caudal/runtime";
import { z } from "zod";
import { liveContext } from "../decode/decode-context.ts";
import { refused, type DecodedRow, type Refusal } from "../decode/decoded.ts";
import { readJsonRow } from "../decode/formats.ts";
import { jsonRows } from "../decode/json-rows.ts";
import { MAX_MESSAGE_BYTES } from "../decode/limits.ts";
import { checkDevice } from "../decode/object-reader.ts";
import { isClientId, type ClientResolver } from "../edge/client-resolver.ts";
import type { Named } from "../edge/device-quota.ts";
import type { Edge, Prepared, Route } from "../edge/edge.ts";
import { derivedEventId, newEventId } from "../edge/event-id.ts";
import type { Receipts } from "../edge/receipts.ts";
import { traceparentFrom } from "../edge/trace.ts";
import { IdempotentAnswers, type GivenAnswer } from "./idempotency.ts";
import { refusedItem, resultSchema, type ResultItem } from "./reply.ts";

export interface ReadingsOptions {
  readonly edge: Edge;
  readonly resolver: ClientResolver;
  readonly answers: IdempotentAnswers;
  readonly receipts: Receipts;
  readonly metrics: Metrics;
  readonly faults: FaultPoints;
}

const PATH = "/api/v1/readings";
const LINE_TYPES = ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines"];
const MAX_KEY_CHARACTERS = 255;
const query = z.object({ client: z.string().optional(), device: z.string().optional() });
type Request = ApiRequest<undefined, z.output<typeof query>, undefined>;

/** One row of the request on its way: what it says, or why it is not taken. */
type Row = { readonly index: number; readonly device: string; readonly row: DecodedRow } | { readonly index: number; readonly refusal: Refusal };

/**
 * POST /api/v1/readings: one object, an array or lines of objects, in any plain JSON style; answered once the log has what was good.
 * `parts` is asked at each request and throws while the collector is not running.
 */
export function readingsOperation(parts: () => ReadingsOptions): Operation {
  return defineOperation({
    method: "POST",
    path: PATH,
    operationId: "sendReadings",
    tag: "readings",
    summary: { en: "Send readings: one object, an array, or NDJSON", es: "Enviar lecturas: un objeto, un arreglo o NDJSON" },
    permission: "send",
    query,
    body: { raw: true, maxBytes: MAX_MESSAGE_BYTES, contentTypes: ["application/json", ...LINE_TYPES] },
    replies: {
      202: { description: "A result for each row; those accepted are durable", schema: resultSchema },
      400: { description: "No row could be used; errors name the fields" },
      403: { description: "The token does not speak for the device, or for the client" },
      429: { description: "One device too many that nobody knows; Retry-After says when the next may come" },
      422: { description: "The Idempotency-Key was used with another body" },
      503: { description: "The log is away; send again after Retry-After" },
    },
    handle: async (request) => {
      const options = parts();
      const reply = await new Submission(options, request).answer();
      await options.faults.reach("collector/http.answer/before");
      if (options.faults !== noFaults) request.express.res.once("finish", () => void options.faults.reach("collector/http.answer/after"));
      return reply;
    },
  });
}

class Submission {
  readonly #options: ReadingsOptions;
  readonly #request: Request;
  readonly #device: string | null;
  #idempotencyId: string | undefined;

  constructor(options: ReadingsOptions, request: Request) {
    this.#options = options;
    this.#request = request;
    const device = checkDevice(request.query.device ?? "", "query.device");
    if (!device.ok) throw new Problem(device.refusal.why, { status: 400, detail: device.refusal.detail, field: "query.device" });
    this.#device = device.value;
  }

  async answer(): Promise<Reply> {
    const { headers, principal, raw, receivedAtUs } = this.#request;
    this.#checkClient();
    const key = headers["idempotency-key"];
    if (key === undefined) return this.#take();
    if (typeof key !== "string" || key === "" || key.length > MAX_KEY_CHARACTERS) throw new Problem("invalid-parameter", { field: "Idempotency-Key", detail: { en: `a key has 1 to ${MAX_KEY_CHARACTERS} characters`, es: `una clave tiene de 1 a ${MAX_KEY_CHARACTERS} caracteres` } });
    const { answers } = this.#options;
    const id = IdempotentAnswers.idOf(principal.name, key);
    // The client and device that the query names are part of what was asked.
    const asked = Buffer.concat([Buffer.from(`${JSON.stringify([this.#request.query.client, this.#request.query.device])}\n`), raw]);
    return answers.alone(id, async () => {
      const found = await answers.find(id, asked, receivedAtUs);
      if (found.kind === "other") throw new Problem("idempotency-mismatch");
      if (found.kind === "same") return { ...found.answer, headers: { "Idempotency-Replayed": "true" } };
      this.#idempotencyId = derivedEventId(id, raw.toString("base64"));
      const answer = await this.#take();
      await answers.remember(id, asked, answer, receivedAtUs);
      return answer;
    });
  }

  #checkClient(): void {
    const { query: { client }, scope, principal } = this.#request;
    if (client === undefined) return;
    if (!isClientId(client)) throw new Problem("invalid-parameter", { field: "query.client", detail: { en: "a client is written with a-z, 0-9 and dashes", es: "un cliente se escribe con a-z, 0-9 y guiones" } });
    if (!allows(scope, client) || !may(principal, "send")) throw new Problem("client-not-allowed", { field: "query.client" });
  }

  async #take(): Promise<GivenAnswer> {
    const { language, headers } = this.#request;
    const rows = this.#rows();
    const clients = await this.#clientsOf(rows);
    const refused = await this.#options.edge.admit(this.#named(rows, clients));
    const routeOf = (): Route => ({ source: "http", transport: "http", origin: PATH, receivedAtUs: this.#options.receipts.at(this.#request.receivedAtUs) });
    const traceparent = typeof headers["traceparent"] === "string" ? headers["traceparent"] : undefined;
    const prepared: Prepared[] = [];
    const items = rows.map((row): ResultItem => {
      if ("refusal" in row) return refusedItem(row.index, row.refusal, language);
      const client = clients.get(row.device);
      if (client === undefined) return refusedItem(row.index, { why: "unknown-client", detail: "several clients may be meant; name one with ?client=", field: "query.client" }, language);
      if (!speaksFor(this.#request.principal, row.device)) return refusedItem(row.index, { why: "device-not-allowed", detail: `${this.#request.principal.name} does not speak for ${row.device}`, field: "device_id" }, language);
      if (refused.has(deviceKey(client, row.device))) return refusedItem(row.index, { why: "device-quota", detail: `${row.device} is one device too many that nobody knows`, field: "device_id" }, language);
      const eventId = this.#idempotencyId === undefined ? newEventId() : derivedEventId(this.#idempotencyId, row.index);
      const ready = this.#options.edge.prepare({ client, device: row.device, eventId, traceparent: traceparentFrom(traceparent), route: routeOf(), row: row.row, labels: namedOtherwise(row.row, row.device) });
      if (!ready.ok) return refusedItem(row.index, ready.refusal, language);
      prepared.push(ready.value);
      return { index: row.index, status: "accepted", eventId, client, device: row.device, point: pointIdOf(client, row.device) };
    });
    this.#count(items);
    if (prepared.length === 0) throw noneAccepted(items, this.#options.edge.retryAfterS());
    await this.#options.edge.publish(prepared);
    return { status: 202, body: { items, accepted: prepared.length, refused: items.length - prepared.length } };
  }

  #rows(): readonly Row[] {
    const { raw, receivedAtUs } = this.#request;
    const lines = LINE_TYPES.includes(mediaTypeOf(this.#request));
    const rows = jsonRows(raw, lines);
    if (!rows.ok) throw new Problem(rows.refusal.why, { detail: rows.refusal.detail, field: "body" });
    const context = liveContext(receivedAtUs);
    return rows.value.map((bytes, index): Row => {
      const outcome = readJsonRow(bytes, context);
      if (outcome.kind === "park") return { index, refusal: outcome.refusal };
      const device = this.#device ?? outcome.device;
      return device === null ? { index, refusal: refused("no-device", "the row names no device", "device_id").refusal } : { index, device, row: outcome };
    });
  }

  async #clientsOf(rows: readonly Row[]): Promise<ReadonlyMap<string, string | undefined>> {
    const devices = rows.flatMap((row) => ("device" in row ? [row.device] : []));
    const { query: { client }, scope } = this.#request;
    if (client !== undefined) return new Map(devices.map((device) => [device, client]));
    return this.#options.resolver.resolve(scope satisfies Scope, devices);
  }

  /** The devices that the rows are about, where the sender speaks for them. */
  #named(rows: readonly Row[], clients: ReadonlyMap<string, string | undefined>): readonly Named[] {
    const { principal, receivedAtUs } = this.#request;
    return [...new Set(rows.flatMap((row) => ("device" in row ? [row.device] : [])))].flatMap((device) => {
      const client = clients.get(device);
      return client === undefined || !speaksFor(principal, device) ? [] : [{ client, device, source: "http", transport: "http", receivedAtUs }];
    });
  }

  #count(items: readonly ResultItem[]): void {
    const refusals = this.#options.metrics.counter("caudal_readings_refused_total");
    const counts = new Map<string, number>();
    for (const { error } of items) if (error !== undefined) counts.set(error.code, (counts.get(error.code) ?? 0) + 1);
    for (const [code, count] of counts) refusals.inc({ transport: "http", code }, count);
  }
}

/** The device that the row itself named, where the query named another. */
function namedOtherwise(row: DecodedRow, device: string): Readonly<Record<string, string>> {
  return row.device !== null && row.device !== device ? { device_id: row.device } : {};
}

const MAX_ERRORS = 100;

const statusOf: Readonly<Record<string, number>> = { "too-large": 413, "device-quota": 429, "device-not-allowed": 403 };

function noneAccepted(items: readonly ResultItem[], retryAfterS: number): Problem {
  const fields = items.slice(0, MAX_ERRORS).flatMap(({ index, error }) => {
    if (error === undefined) return [];
    const field = error.field === undefined ? `rows.${index}` : error.field.startsWith("query.") ? error.field : `rows.${index}.${error.field}`;
    return [{ field, detail: `${error.code}: ${error.detail}` }];
  });
  const [first] = items;
  // One row alone is the request itself, and so are rows that all fail for who sent them: their own code says more than that nothing was accepted.
  const own = first?.error === undefined ? undefined : statusOf[first.error.code];
  const allAlike = own !== undefined && own !== 413 && items.every(({ error }) => error?.code === first?.error?.code);
  if ((items.length === 1 || allAlike) && first?.error !== undefined) {
    const { code, detail, field, next } = first.error;
    const headers = code === "device-quota" ? { headers: { "Retry-After": String(retryAfterS) } } : {};
    return new Problem(code as Refusal["why"], { status: own ?? 400, ...headers, detail, next, ...(field === undefined ? {} : { field }), errors: fields });
  }
  return new Problem("none-accepted", { errors: fields });
}
