import { Router, json as jsonBody, type Request, type Response } from "express";
import type { ProviderId } from "../fleet/device.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { RequestLog } from "../log/request-log.ts";
import { parseTime } from "../providers/time-text.ts";
import type { World } from "../providers/world.ts";
import { isQuirkName, quirkNames, quirkOf } from "../quirks/quirks.ts";
import { appliesTo, isProvider } from "../quirks/switches.ts";
import type { TruthAsk, TruthRow } from "../truth/truth.ts";
import { models } from "../providers/providers.ts";
import { limitsText, parseLimits } from "../limits/limit.ts";
import { fromHere } from "./from-here.ts";
import { lines } from "./json-lines.ts";

const NEWEST = 50;
const BUSIEST = 40;

export interface Control {
  readonly world: World;
  readonly limiters: ReadonlyMap<ProviderId, Limiter>;
  readonly log: RequestLog;
  readonly nowMs: () => number;
  readonly truth: (ask: Omit<TruthAsk, "asOfMs"> & { readonly asOfMs?: number }) => Iterable<TruthRow>;
}

/** The sandbox's own paths: its state, its switches, its log and its truth. For the machine it runs on alone. */
export function controlRoutes(control: Control): Router {
  const router = Router();
  router.use((request, response, next) => (fromHere(request) ? next() : response.status(403).json({ error: "only from this machine" })));
  router.get("/state", (_, response) => response.json(state(control)));
  router.get("/log", (request, response) => lines(response, control.log.entries(numberOf(request, "after"))));
  router.get("/truth", (request, response) => truthAnswer(control, request, response));
  // A page of another origin cannot send JSON without asking first, and it is never answered yes.
  router.post("/quirks", jsonBody({ limit: "16kb", strict: true }), (request, response) => switched(control, request, response));
  return router;
}

function state({ world, limiters, log, nowMs }: Control): Record<string, unknown> {
  const now = nowMs();
  const on = world.switches.current(now);
  return {
    nowMs: now,
    seed: world.seed,
    counts: log.counts(),
    quirks: quirkNames.map((name) => ({ name, level: quirkOf(name).level, share: quirkOf(name).share })),
    providers: models.map(({ id, title, prefixes, limits }) => ({
      id, title, path: `/${prefixes[0] ?? id}`, limits: limits.text, counted: limits.kind, quirks: on[id] ?? {}, applies: quirkNames.filter((name) => appliesTo(name, id)),
      devices: world.accounts.filter(({ provider }) => provider === id).flatMap(({ devices }) => devices.map(({ device, remote, kind, everyMs, keys }) => ({ device, remote, kind, everyMs, keys: keys.map(({ key, unit }) => ({ key, unit })) }))),
    })),
    rates: [...limiters].flatMap(([provider, limiter]) => limiter.uses(now).slice(0, BUSIEST).map(({ key, limit, used }) => ({ provider, key, limit: limitsText(parseLimits(limit)), used }))),
    newest: log.entries().slice(-NEWEST).reverse().map(({ rows, ...entry }) => ({ ...entry, rows: rows.length })),
  };
}

function switched({ world: { switches }, nowMs }: Control, request: Request, response: Response): void {
  const body: unknown = request.body;
  const list: readonly unknown[] = Array.isArray(body) ? body : [body];
  const asked = list.map((each) => {
    const { provider = "all", quirk, share } = typeof each === "object" && each !== null ? (each as Record<string, unknown>) : {};
    const known = typeof quirk === "string" && isQuirkName(quirk) ? quirk : undefined;
    const whose = provider === "all" || (typeof provider === "string" && isProvider(provider)) ? (provider as ProviderId | "all") : undefined;
    const fits = typeof share === "number" && share >= 0 && share <= 1 && known !== undefined && whose !== undefined && (whose === "all" || appliesTo(known, whose));
    return fits ? { whose, known, share } : undefined;
  });
  if (asked.length === 0 || asked.includes(undefined)) {
    response.status(400).json({ error: "expected {provider?, quirk, share} with a share from 0 to 1, or a list of them" });
    return;
  }
  for (const each of asked) if (each !== undefined) switches.set(each.whose, each.known, { share: each.share, nowMs: nowMs() });
  response.json({ quirks: switches.current(nowMs()) });
}

async function truthAnswer({ truth }: Control, request: Request, response: Response): Promise<void> {
  const [from, to, asOf] = ["from", "to", "as-of"].map((name) => instantOf(request, name));
  const provider = queryOf(request, "provider");
  if (from === undefined || to === undefined || (queryOf(request, "as-of") !== null && asOf === undefined) || (provider !== null && !isProvider(provider))) {
    response.status(400).json({ error: "expected from and to (and as-of) as times such as 2026-03-01T12:00:00Z or milliseconds, and provider as one of the sandbox's" });
    return;
  }
  const device = queryOf(request, "device");
  await lines(response, truth({ fromMs: from, toMs: to, ...(asOf === undefined ? {} : { asOfMs: asOf }), ...(provider === null ? {} : { provider }), ...(device === null ? {} : { device }) }));
}

function queryOf({ url }: Request, name: string): string | null {
  return new URL(url, "http://sandbox").searchParams.get(name);
}

function numberOf(request: Request, name: string): number {
  const value = Number(queryOf(request, name) ?? 0);
  return Number.isFinite(value) ? value : 0;
}

function instantOf(request: Request, name: string): number | undefined {
  const text = queryOf(request, name);
  if (text === null) return undefined;
  return /^\d{1,16}$/.test(text) ? Number(text) : parseTime(text, "UTC");
}
