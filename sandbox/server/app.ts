import { fileURLToPath } from "node:url";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { Ask, ProviderModel } from "../providers/provider.ts";
import { models } from "../providers/providers.ts";
import { controlRoutes, type Control } from "./control.ts";
import { deliver, type Wire } from "./delivery.ts";
import type { Exchange } from "./exchange.ts";
import { page } from "../page/page.ts";
import { pageHeaders } from "../page/page-headers.ts";
import type { LogEntry } from "../log/request-log.ts";
import { languageOf } from "../page/texts.ts";

const BODY_LIMIT = "256kb";

const pageFolder = fileURLToPath(new URL("../page/", import.meta.url));

/** A request and the body that answered it, where that looked whole to its reader. */
export interface AnsweredBody {
  readonly entry: LogEntry;
  /** Below the provider's prefix; where a provider puts a thing's token there, it holds that. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface AppParts extends Control {
  readonly exchange: Exchange;
  readonly wire: Wire;
  readonly answered: ((body: AnsweredBody) => void) | undefined;
  /** Told when a request has come, and when its answer has left or was cut. */
  readonly inHand: (change: 1 | -1) => void;
}

/** Every provider below its prefixes, the sandbox's own control below `/sandbox`, and its page. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.get("/", (request, response) => {
    response.set(pageHeaders).type("html").send(page(languageOf(request.headers["accept-language"], new URL(request.url, "http://sandbox").searchParams.get("lang"))));
  });
  for (const file of ["page.css", "parts.js", "page.js"]) app.get(`/assets/page/${file}`, (_, response) => response.sendFile(file, { root: pageFolder }));
  app.use("/sandbox", controlRoutes(parts));
  const bodies = [express.json({ limit: BODY_LIMIT }), express.urlencoded({ limit: BODY_LIMIT, extended: false })];
  for (const model of models) for (const prefix of model.prefixes) app.use(`/${prefix}`, ...bodies, (request, response) => exchanged(parts, { model, prefix }, { request, response }));
  app.use((_: Request, response: Response) => response.status(404).json({ error: "nothing of the sandbox lives here" }));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const status = typeof error === "object" && error !== null && "status" in error && typeof error.status === "number" ? error.status : 500;
    response.status(status).json({ error: status < 500 ? "the request cannot be read" : "the sandbox failed" });
  });
  return app;
}

async function exchanged({ exchange, log, nowMs, wire, answered, inHand }: AppParts, { model, prefix }: { readonly model: ProviderModel; readonly prefix: string }, { request, response }: { readonly request: Request; readonly response: Response }): Promise<void> {
  const url = new URL(request.url, "http://sandbox");
  const ask: Ask = {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")])),
    body: request.body as unknown,
    nowMs: nowMs(),
    baseUrl: `http://${request.headers.host ?? "127.0.0.1"}/${prefix}`,
  };
  const { entry: fresh, ...answer } = exchange.answer(model, ask);
  const entry = log.add(fresh);
  const told = answered === undefined ? undefined : (bytes: Uint8Array): void => answered({ entry, path: ask.path, bytes });
  inHand(1);
  await deliver(response, { ...answer, told }, wire);
  inHand(-1);
}
