import { fileURLToPath } from "node:url";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { pageHeaders } from "../page/page-headers.ts";
import { languageOf } from "../page/texts.ts";
import { deliver, type Wire } from "../server/delivery.ts";
import { regulatorControl } from "./control.ts";
import { Chance, type RegulatorModel, type RegulatorWorld } from "./model.ts";
import { regulatorModels } from "./models.ts";
import { regulatorPage } from "./page/page.ts";
import type { RegulatorQuirkName } from "./quirks.ts";
import type { RequestLog } from "./request-log.ts";

const BODY_LIMIT = "64kb";
const partsFolder = fileURLToPath(new URL("../page/", import.meta.url));
const scriptFolder = fileURLToPath(new URL("page/", import.meta.url));

export interface RegulatorAppParts {
  readonly world: RegulatorWorld;
  readonly log: RequestLog;
  readonly nowMs: () => number;
  readonly wire: Wire;
  /** Real milliseconds that a slow answer takes. */
  readonly slowMs: number;
  /** Told when a request has come, and when its answer has left or was cut. */
  readonly inHand: (change: 1 | -1) => void;
}

/** Every regulator below its base, the sandbox's own control below `/sandbox`, and its page. */
export function createRegulatorApp(parts: RegulatorAppParts): Express {
  const app = express();
  const chance = new Chance(parts.world);
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.get("/", (request, response) => {
    response.set(pageHeaders).type("html").send(regulatorPage(languageOf(request.headers["accept-language"], new URL(request.url, "http://sandbox").searchParams.get("lang"))));
  });
  for (const file of ["page.css", "parts.js"]) app.get(`/assets/page/${file}`, (_, response) => response.sendFile(file, { root: partsFolder }));
  app.get("/assets/regulators/page/page.js", (_, response) => response.sendFile("page.js", { root: scriptFolder }));
  app.use("/sandbox", regulatorControl(parts));
  for (const model of regulatorModels) app.use(model.base, express.text({ type: () => true, limit: BODY_LIMIT }), (request, response) => exchanged(parts, { model, chance }, { request, response }));
  app.use((_: Request, response: Response) => response.status(404).json({ error: "nothing of the sandbox lives here" }));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const status = typeof error === "object" && error !== null && "status" in error && typeof error.status === "number" ? error.status : 500;
    response.status(status).json({ error: status < 500 ? "the request cannot be read" : "the sandbox failed" });
  });
  return app;
}

async function exchanged({ world, log, nowMs, wire, slowMs, inHand }: RegulatorAppParts, { model, chance }: { readonly model: RegulatorModel; readonly chance: Chance }, { request, response }: { readonly request: Request; readonly response: Response }): Promise<void> {
  const url = new URL(request.url, "http://sandbox");
  const now = nowMs();
  const shown: RegulatorQuirkName[] = [];
  const { reply, delivery = "whole", isSlow = false, logged } = model.answer({
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")])),
    body: parsed(request.body),
    nowMs: now,
    shows: chance.of({ regulator: model.id, method: request.method, nowMs: now, shown }),
  }, world);
  const dropped = delivery !== "whole";
  log.add({
    atMs: now, regulator: model.id, method: request.method, path: url.pathname, codigoObra: null, instant: null, instantMs: null, centre: null,
    status: delivery === "drop" || delivery === "hang" ? null : reply.status, stored: false, dropped, voucher: null, values: null, quirks: shown, ...logged,
  });
  inHand(1);
  await deliver(response, { reply, delivery }, { ...wire, latencyMs: isSlow ? slowMs : wire.latencyMs });
  inHand(-1);
}

function parsed(body: unknown): unknown {
  try {
    return typeof body === "string" ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}
