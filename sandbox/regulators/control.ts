import { Router, json as jsonBody, type Request, type Response } from "express";
import { fromHere } from "../server/from-here.ts";
import { lines } from "../server/json-lines.ts";
import type { RegulatorWorld, SandboxWork } from "./model.ts";
import { regulatorModels } from "./models.ts";
import { regulatorCatalogue, regulatorIds, regulatorQuirkNames, regulatorQuirkOf, type RegulatorId } from "./quirks.ts";
import type { RequestLog } from "./request-log.ts";

const NEWEST = 50;
const MOST_WORKS = 2000;
const MOST_STORED = 500;

export interface RegulatorControl {
  readonly world: RegulatorWorld;
  readonly log: RequestLog;
  readonly nowMs: () => number;
}

/** The sandbox's own paths: its state, what is stored, its log and its switches. For the machine it runs on alone; no password ever comes out. */
export function regulatorControl(control: RegulatorControl): Router {
  const { world, log, nowMs } = control;
  const router = Router();
  router.use((request, response, next) => (fromHere(request) ? next() : response.status(403).json({ error: "only from this machine" })));
  router.get("/state", (_, response) => response.json(state(control)));
  router.get("/log", (request, response) => lines(response, log.requests(Number(queryOf(request).get("after") ?? 0) || 0)));
  router.get("/stored", (request, response) => stored(world, request, response));
  // A page of another origin cannot send JSON without asking first, and it is never answered yes.
  router.post("/quirks", jsonBody({ limit: "16kb" }), (request, response) => switched(control, request, response));
  router.post("/works", jsonBody({ limit: "1mb" }), (request, response) => registered(world, request, response));
  router.post("/release", jsonBody({ limit: "1kb" }), (request, response) => {
    if (!request.is("application/json")) {
      response.status(415).json({ error: "expected JSON" });
      return;
    }
    world.abuse.release();
    response.json({ blocked: world.abuse.blocked(nowMs()) });
  });
  return router;
}

function state({ world, log, nowMs }: RegulatorControl): Record<string, unknown> {
  const now = nowMs();
  const on = world.switches.current(now);
  return {
    nowMs: now,
    seed: world.seed,
    counts: { requests: log.count, stored: world.held.count },
    blocked: world.abuse.blocked(now),
    quirks: regulatorQuirkNames.map((name) => ({ name, level: regulatorQuirkOf(name).level, share: regulatorQuirkOf(name).share })),
    regulators: regulatorModels.map(({ id, title, base }) => ({ id, title, path: base, quirks: on[id] ?? {}, applies: regulatorQuirkNames.filter((name) => regulatorCatalogue.applies(name, id)) })),
    works: world.held.works().slice(0, MOST_WORKS).map(({ regulator, codigoObra, stored: count, newest }) => ({ regulator, codigoObra, stored: count, newest: { instant: `${newest.date} ${newest.time}`, voucher: newest.voucher } })),
    newest: log.requests(log.count - NEWEST).toReversed(),
  };
}

/** Of one work the newest, newest first, for the page; of all everything, a document a line, for who compares. */
async function stored({ held }: RegulatorWorld, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const codigoObra = query.get("codigoObra") ?? undefined;
  const asked = query.get("regulator");
  const regulator = regulatorIds.find((id) => id === asked);
  if (asked !== null && regulator === undefined) {
    response.status(400).json({ error: "expected regulator as one of the sandbox's" });
    return;
  }
  const found = held.list({ regulator, codigoObra });
  if (codigoObra === undefined) await lines(response, found);
  else response.json({ stored: found.slice(-MOST_STORED).toReversed() });
}

function switched({ world: { switches }, nowMs }: RegulatorControl, request: Request, response: Response): void {
  const body: unknown = request.body;
  const list: readonly unknown[] = Array.isArray(body) ? body : [body];
  const asked = list.map((each) => {
    const { regulator = "all", quirk, share } = typeof each === "object" && each !== null ? (each as Record<string, unknown>) : {};
    const name = regulatorQuirkNames.find((known) => known === quirk);
    const whose: RegulatorId | "all" | undefined = regulator === "all" ? "all" : regulatorIds.find((id) => id === regulator);
    const fits = typeof share === "number" && share >= 0 && share <= 1 && name !== undefined && whose !== undefined && (whose === "all" || regulatorCatalogue.applies(name, whose));
    return fits ? { whose, name, share } : undefined;
  });
  if (asked.length === 0 || asked.includes(undefined)) {
    response.status(400).json({ error: "expected {regulator?, quirk, share} with a share from 0 to 1, or a list of them" });
    return;
  }
  for (const each of asked) if (each !== undefined) switches.set(each.whose, each.name, { share: each.share, nowMs: nowMs() });
  response.json({ quirks: switches.current(nowMs()) });
}

function registered({ works }: RegulatorWorld, request: Request, response: Response): void {
  const read = readWorks(request.body);
  if (read === undefined) {
    response.status(400).json({ error: "expected a list of {code, centreRut, informantRut, password, levelMayBeMissing?}" });
    return;
  }
  for (const work of read) works.set(work.code, work);
  response.json({ works: works.size });
}

/** Undefined for what is no list of works. */
export function readWorks(given: unknown): readonly SandboxWork[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const works = (given as readonly unknown[]).map((each) => {
    const { code, centreRut, informantRut, password, levelMayBeMissing = false } = typeof each === "object" && each !== null ? (each as Record<string, unknown>) : {};
    if (typeof code !== "string" || typeof centreRut !== "string" || typeof informantRut !== "string" || typeof password !== "string" || typeof levelMayBeMissing !== "boolean") return undefined;
    return { code, centreRut, informantRut, password, levelMayBeMissing };
  });
  return works.every((work) => work !== undefined) ? works : undefined;
}

function queryOf({ url }: Request): URLSearchParams {
  return new URL(url, "http://sandbox").searchParams;
}
