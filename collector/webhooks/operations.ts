import { deviceKey } from "@caudal/core";
import { createBuckets, defineOperation, Problem, type ApiRequest, type Clock, type Metrics, type Operation, type Reply, type TokenBuckets } from "@caudal/runtime";
import { z } from "zod";
import { liveContext } from "../decode/decode-context.ts";
import { formats } from "../decode/formats.ts";
import { MAX_MESSAGE_BYTES } from "../decode/limits.ts";
import { checkDevice } from "../decode/object-reader.ts";
import type { Edge, Kept, Prepared, Route } from "../edge/edge.ts";
import { derivedEventId } from "../edge/event-id.ts";
import type { Presence } from "../edge/presence.ts";
import type { Receipts } from "../edge/receipts.ts";
import { traceparentFrom } from "../edge/trace.ts";
import type { KnownEvents } from "./known-events.ts";
import { proves } from "./proof.ts";
import type { Webhook } from "./webhook-file.ts";
import { kinds, readCall, type Call } from "./webhook-kinds.ts";

export interface WebhookParts {
  readonly webhooks: readonly Webhook[];
  readonly events: KnownEvents;
  readonly edge: Edge;
  readonly presence: Presence;
  readonly receipts: Receipts;
  readonly metrics: Metrics;
}

/** Where networks call; the collector's own path for whoever reads what was parked. */
export const WEBHOOK_PATH = "/api/v1/webhooks";
/** Wrong secrets a minute of one address that are answered as such. */
const FAILURES_PER_MINUTE = 30;
const BURST_S = 10;

const params = z.object({ kind: z.string().max(64), client: z.string().max(63) });
const eventParams = params.extend({ event: z.string().max(64) });
const query = z.object({ event: z.string().max(64).optional(), device: z.string().max(256).optional() });
const replySchema = z.object({
  outcome: z.enum(["accepted", "parked", "duplicate", "ignored"]),
  readings: z.int().describe("Readings that are durable by now."),
  parked: z.int().describe("Rows that could not be used and are kept aside."),
});
type Outcome = z.output<typeof replySchema>;
type Asked = ApiRequest<{ readonly kind: string; readonly client: string; readonly event?: string }, z.output<typeof query>, undefined>;

/**
 * POST /api/v1/webhooks/{kind}/{client}: networks that call with each message. 2xx once it is durable; a call that is sent again makes no
 * second reading; what carries no reading is a word of presence, or nothing. `parts` throws while the collector is not running.
 */
export function webhookOperations(parts: () => WebhookParts, clock: Clock): readonly Operation[] {
  const failures = createBuckets({ perS: FAILURES_PER_MINUTE / 60, burst: FAILURES_PER_MINUTE, clock });
  const rates = new Map<Webhook, TokenBuckets>();
  const handle = async (request: Asked): Promise<Reply> => {
    const running = parts();
    const webhook = permitted(running, request, failures);
    const rate = rates.get(webhook) ?? createBuckets({ perS: webhook.perS, burst: Math.max(1, webhook.perS * BURST_S), clock });
    rates.set(webhook, rate);
    const waitMs = rate.take("");
    if (waitMs > 0) {
      running.metrics.counter("caudal_webhooks_total").inc({ kind: webhook.kind, outcome: "too-many" });
      throw new Problem("too-many-requests", { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } });
    }
    const outcome = await new WebhookCall(running, webhook, request).take();
    running.metrics.counter("caudal_webhooks_total").inc({ kind: webhook.kind, outcome: outcome.outcome });
    return { status: outcome.outcome === "accepted" || outcome.outcome === "parked" ? 202 : 200, body: outcome };
  };
  const shown = {
    method: "POST", tag: "readings", permission: "public", ownCredentials: true, query,
    body: { raw: true, maxBytes: MAX_MESSAGE_BYTES, contentTypes: ["application/json"] },
    replies: {
      200: { description: "Nothing to take: it came before, or carries no reading", schema: replySchema },
      202: { description: "Durable: as readings, or kept aside with a reason", schema: replySchema },
      401: { description: "No such webhook, or its secret, password or signature is wrong" },
      413: { description: "More than 1 MiB" },
      429: { description: "Too many calls, or one device too many that nobody knows; Retry-After says when the next may come" },
      503: { description: "The log is away; send again after Retry-After" },
    },
  } as const;
  return [
    defineOperation({ ...shown, path: `${WEBHOOK_PATH}/{kind}/{client}`, operationId: "receiveWebhook", params, summary: { en: "Messages of a network that calls: the-things-stack, chirpstack, thethings-io", es: "Mensajes de una red que llama: the-things-stack, chirpstack, thethings-io" }, handle }),
    defineOperation({ ...shown, path: `${WEBHOOK_PATH}/{kind}/{client}/{event}`, operationId: "receiveWebhookEvent", params: eventParams, summary: { en: "The same, where a network has a path for each kind of event", es: "Lo mismo, donde la red tiene una ruta por tipo de evento" }, handle }),
  ];
}

/** The webhook that the request is for, once it proved itself. A right secret is never made to wait for wrong ones. */
function permitted({ webhooks, metrics }: WebhookParts, { params: { kind, client }, headers, raw, express: { req } }: Asked, failures: TokenBuckets): Webhook {
  const webhook = webhooks.find((one) => one.kind === kind && one.client === client);
  if (webhook !== undefined && proves(webhook.proof, headers, raw)) return webhook;
  metrics.counter("caudal_webhooks_total").inc({ kind: webhook?.kind ?? "unknown", outcome: "refused" });
  const waitMs = failures.take(req.socket.remoteAddress ?? "");
  if (waitMs > 0) throw new Problem("too-many-requests", { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } });
  // The same for a webhook that is not there, so that nobody learns which clients have one.
  throw new Problem("webhook-refused");
}

class WebhookCall {
  readonly #parts: WebhookParts;
  readonly #webhook: Webhook;
  readonly #request: Asked;
  readonly #route: Route;

  constructor(parts: WebhookParts, webhook: Webhook, request: Asked) {
    this.#parts = parts;
    this.#webhook = webhook;
    this.#request = request;
    this.#route = { source: kinds[webhook.kind].source, transport: "http", origin: `${WEBHOOK_PATH}/${webhook.kind}/${webhook.client}`, receivedAtUs: parts.receipts.at(request.receivedAtUs) };
  }

  async take(): Promise<Outcome> {
    const { kind, client } = this.#webhook;
    const { raw, query: { event = this.#request.params.event, device } } = this.#request;
    const call = readCall(kind, { raw, event, device });
    if (!call.ok) throw new Problem(call.refusal.why, { status: 400, detail: call.refusal.detail, field: call.refusal.field === undefined ? "body" : `body.${call.refusal.field}` });
    if (call.value.kind === "other") return { outcome: "ignored", readings: 0, parked: 0 };
    const id = derivedEventId("webhook", kind, client, ...call.value.key);
    const taken = call.value;
    let outcome: Outcome = { outcome: "duplicate", readings: 0, parked: 0 };
    await this.#parts.events.once({ id, client, atUs: this.#request.receivedAtUs }, async () => {
      outcome = taken.kind === "join" ? await this.#join(taken.device) : await this.#uplink(id, taken);
    });
    return outcome;
  }

  async #join(written: string): Promise<Outcome> {
    const device = checkDevice(written, "device");
    if (!device.ok || device.value === null) return { outcome: "ignored", readings: 0, parked: 0 };
    await this.#admit([device.value]);
    const word = this.#parts.presence.word("online", { ...this.#route, client: this.#webhook.client, device: device.value, observedAtUs: null });
    await this.#parts.edge.publish([], [], [word]);
    return { outcome: "accepted", readings: 0, parked: 0 };
  }

  async #uplink(id: string, call: Call & { readonly kind: "uplink" }): Promise<Outcome> {
    const { client, kind, options } = this.#webhook;
    const { raw, headers } = this.#request;
    const named = checkDevice(call.device ?? "", "device");
    const prepared: Prepared[] = [];
    const kept: Kept[] = [];
    const rows = formats[kinds[kind].format](raw, liveContext(this.#route.receivedAtUs, "UTC", options));
    await this.#admit(rows.flatMap((row) => (row.kind === "reading" ? ((named.ok ? named.value : null) ?? row.device ?? []) : [])));
    for (const [at, row] of rows.entries()) {
      const device = (named.ok ? named.value : null) ?? row.device ?? undefined;
      const eventId = derivedEventId(id, at);
      const keep = (refusal: Kept["refusal"]): number => kept.push({ client, device, route: this.#route, raw: row.raw, contentType: row.contentType, refusal, eventId });
      if (row.kind === "park") keep(row.refusal);
      else if (row.kind === "reading" && device === undefined) keep({ why: "no-device", detail: "neither the message nor ?device= names a device" });
      else if (row.kind === "reading" && device !== undefined) {
        const traceparent = typeof headers["traceparent"] === "string" ? headers["traceparent"] : undefined;
        const ready = this.#parts.edge.prepare({ client, device, eventId, traceparent: traceparentFrom(traceparent), route: this.#route, row });
        if (ready.ok) prepared.push(ready.value);
        else keep(ready.refusal);
      }
    }
    await this.#parts.edge.publish(prepared, kept);
    return { outcome: prepared.length > 0 ? "accepted" : kept.length > 0 ? "parked" : "ignored", readings: prepared.length, parked: kept.length };
  }

  /** Throws Problem "device-quota" when one of them is a stranger too many. */
  async #admit(devices: readonly string[]): Promise<void> {
    const { edge } = this.#parts;
    const { client } = this.#webhook;
    const refused = await edge.admit([...new Set(devices)].map((device) => ({ client, device, source: this.#route.source, transport: "http", receivedAtUs: this.#route.receivedAtUs })));
    const away = devices.find((device) => refused.has(deviceKey(client, device)));
    if (away !== undefined) throw new Problem("device-quota", { status: 429, detail: away, headers: { "Retry-After": String(edge.retryAfterS()) } });
  }
}
