import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { randomUUID } from "node:crypto";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { AnswerContext } from "./answer.ts";
import type { Guard } from "./guard.ts";
import type { TokenBuckets } from "./limits.ts";
import type { Operation } from "./operation.ts";
import { Problem, problemFrom } from "./problem.ts";
import { createOperationRouter, notesOf } from "./router.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendProblem } from "./send.ts";

export interface AppOptions {
  readonly operations: readonly Operation[];
  readonly statics: RequestHandler | undefined;
  readonly context: AnswerContext;
  readonly guard: Guard;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly maxInFlight: number;
  /** By the caller's address; undefined when there is no limit. */
  readonly rate: TokenBuckets | undefined;
  stopping(): boolean;
}

/** The layers of a server, outermost first: bookkeeping, guard, limits, operations, static files, problems. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by").set("etag", false).set("query parser", false);
  app.use(bookkeeping(options), admission(options), createOperationRouter(options.operations, options.context));
  const { statics } = options;
  if (statics !== undefined) {
    app.use((request: Request, response: Response, next: NextFunction) => {
      notesOf(request).operation = "static";
      statics(request, response, (error?: unknown) => {
        notesOf(request).operation = "none";
        next(error);
      });
    });
  }
  app.use(() => {
    throw new Problem("not-found");
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const problem = problemFrom(error);
    const instance = `urn:uuid:${String(response.getHeader("x-request-id"))}`;
    if (problem.status >= 500) {
      const fields = { operation: notesOf(request).operation, code: problem.code, instance, error: problem.cause ?? problem };
      if (problem.code === "internal" || problem.code === "corrupt") options.logger.error("http.failed", fields);
      else options.logger.warn("http.unavailable", fields);
    }
    sendProblem(request, response, problem, { language: options.context.languageOf(request), instance });
  });
  return app;
}

function bookkeeping({ metrics, logger, stopping }: AppOptions): RequestHandler {
  const requests = metrics.counter("caudal_http_requests_total");
  const seconds = metrics.histogram("caudal_http_request_seconds");
  return (request, response, next) => {
    const beganMs = performance.now();
    response.setHeader("X-Request-Id", randomUUID());
    response.setHeader("Vary", "Accept, Accept-Language");
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (stopping()) response.setHeader("Connection", "close");
    response.once("close", () => {
      const { operation } = notesOf(request);
      const status = response.headersSent ? String(response.statusCode) : "none";
      const tookMs = performance.now() - beganMs;
      requests.inc({ operation, status });
      const endless = String(response.getHeader("content-type") ?? "").startsWith("text/event-stream");
      if (!endless) seconds.observe({ operation }, tookMs / 1000);
      logger.debug("http.answered", { operation, method: request.method, status, tookMs: Math.round(tookMs) });
    });
    next();
  };
}

/** Health must answer when nothing else does. */
const alwaysAdmitted = new Set(["/livez", "/readyz", "/health", "/metrics"]);

function admission({ guard, rate, maxInFlight, context }: AppOptions): RequestHandler {
  return (request, _response, next) => {
    notesOf(request).operation = "refused";
    guard.check(request);
    if (!alwaysAdmitted.has(request.path.replace(/(.)\/$/, "$1"))) {
      if (context.active.inFlight() >= maxInFlight) throw new Problem("overloaded", { headers: { "Retry-After": "1" } });
      const waitMs = rate?.take(request.socket.remoteAddress ?? "") ?? 0;
      if (waitMs > 0) throw new Problem("too-many-requests", { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } });
    }
    notesOf(request).operation = "none";
    next();
  };
}
