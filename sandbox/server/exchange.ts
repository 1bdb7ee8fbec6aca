import { masked } from "../fleet/credentials.ts";
import type { ProviderId } from "../fleet/device.ts";
import type { Limiter, LimitUse } from "../limits/limiter.ts";
import type { NewEntry } from "../log/request-log.ts";
import { json, retryAfter, type Ask, type Caller, type ProviderModel, type Reply } from "../providers/provider.ts";
import { routeOf } from "../providers/providers.ts";
import { View } from "../providers/view.ts";
import { remoteDevice, type World } from "../providers/world.ts";
import type { QuirkName } from "../quirks/quirks.ts";

/** How an answer leaves: whole, or as one of the faults of a wire. */
export type Delivery = "whole" | "hang" | "drop" | "reset" | "drip" | "gigantic" | "half-json";

export interface Exchanged {
  readonly reply: Reply;
  readonly delivery: Delivery;
  readonly entry: NewEntry;
}

/** Requests of each caller and route are numbered, so that what happens to one does not hang on the order of the others. */
export class Exchange {
  readonly #world: World;
  readonly #limiters: ReadonlyMap<ProviderId, Limiter>;
  readonly #numbers = new Map<string, number>();

  constructor(world: World, limiters: ReadonlyMap<ProviderId, Limiter>) {
    this.#world = world;
    this.#limiters = limiters;
  }

  /** Answers one request: limit first, then faults, then who asks, then what is asked. */
  answer(model: ProviderModel, ask: Ask): Exchanged {
    const found = routeOf(model, ask.method, ask.path);
    const [route, params] = found === undefined || found === "method" ? ["(unknown)", {}] : [found.route.path, found.params];
    const caller = model.caller(ask, params, this.#world);
    const remote = params["device"] ?? params["station"] ?? params["zone"];
    const device = caller.device ?? (remote === undefined ? undefined : remoteDevice(caller.account, remote));
    const use = this.#limiters.get(model.id)?.take(limitKey(model, caller, route), ask.nowMs);
    const view = new View(this.#world, { provider: model.id, name: `${route}/${remote ?? device?.device ?? ""}/${params["key"] ?? params["variable"] ?? params["measure"] ?? ""}`, number: this.#number(model, caller, ask), nowMs: ask.nowMs });
    const done = (reply: Reply, delivery: Delivery = "whole"): Exchanged => ({
      reply: withHeaders(reply, use === undefined ? {} : (model.limitHeaders?.(use, ask.nowMs) ?? {})),
      delivery,
      entry: {
        atMs: ask.nowMs, provider: model.id, account: caller.account?.id, credential: masked(caller.credential), device: device?.device ?? measured(view), method: ask.method, route,
        status: delivery === "hang" ? undefined : reply.status, quirks: view.shown(), limit: use === undefined ? undefined : brief(use), rows: readable(delivery) ? view.given : [],
      },
    });
    if (use?.exceeded === true) return done(model.limited(use.retryAfterMs));
    const fault = faultOf(model, view);
    if (fault !== undefined) return typeof fault === "string" ? done(json(200, {}), fault) : done(fault);
    if (found === undefined) return done(model.failed(404, "not found"));
    if (found === "method") return done(model.failed(405, "method not allowed"));
    if (found.route.open !== true && caller.account === undefined) return done(model.denied(caller));
    if (found.route.open !== true && view.shows("auth-storm")) return done(model.denied({ ...caller, expired: true }));
    if (device !== undefined && view.shows("http-404")) return done(model.failed(404, "device not found"));
    const reply = found.route.answer({ ask, params, caller, world: this.#world, view });
    if (reply.status !== 200) return done(reply);
    return done(reply, (["reset", "half-json", "gigantic", "drip"] as const).find((fault) => view.shows(fault)) ?? "whole");
  }

  #number(model: ProviderModel, caller: Caller, { path, method }: Ask): number {
    const key = `${model.id} ${caller.account?.id ?? ""} ${method} ${path}`;
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    // Paths are as many as devices and keys; what nobody knows could be endless.
    if (this.#numbers.size > 100_000) this.#numbers.clear();
    return number;
  }
}

function measured(view: View): string | undefined {
  const [first] = view.given;
  return first?.device;
}

/** A dripped body arrives whole in the end. */
function readable(delivery: Delivery): boolean {
  return delivery === "whole" || delivery === "drip";
}

function brief({ limit, used, exceeded }: LimitUse): NonNullable<NewEntry["limit"]> {
  return { limit, used, exceeded };
}

function limitKey(model: ProviderModel, caller: Caller, route: string): string {
  const who = model.limits.per === "credential" || caller.account === undefined ? masked(caller.credential) : caller.account.id;
  return model.limits.per === "account-and-route" ? `${who} ${route}` : who;
}

function withHeaders(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

const statuses = { "http-500": 500, "http-400": 400 } as const satisfies Partial<Record<QuirkName, number>>;

/** Answers that a provider gives in place of its own. */
function faultOf(model: ProviderModel, view: View): Reply | "hang" | undefined {
  if (view.shows("outage")) return { ...model.failed(503, "service unavailable"), headers: retryAfter(30_000) };
  if (view.shows("hang")) return "hang";
  if (view.shows("http-429")) return { ...model.failed(429, "too many requests"), headers: retryAfter(5000) };
  if (view.shows("http-503")) return { ...model.failed(503, "service unavailable"), headers: retryAfter(2000) };
  for (const [quirk, status] of Object.entries(statuses)) if (view.shows(quirk as keyof typeof statuses)) return model.failed(status, status === 500 ? "internal error" : "invalid request");
  if (view.shows("html-page")) return { status: 200, body: { text: "<!doctype html><html><head><title>Mantenimiento</title></head><body><h1>Volvemos pronto</h1></body></html>", type: "text/html; charset=utf-8" } };
  return undefined;
}
