import type { RequestHandler } from "express";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Authenticate } from "../auth/authenticate.ts";
import { systemClock, type Clock } from "../clock/clock.ts";
import type { Component } from "../lifecycle/lifecycle.ts";
import { settleWithin } from "../lifecycle/settle-within.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { chooseLanguage, type Language } from "../texts/language.ts";
import { createActiveRequests } from "./active-requests.ts";
import type { AnswerContext } from "./answer.ts";
import { createApp } from "./app.ts";
import { builtInOperations } from "./built-in.ts";
import { createGuard } from "./guard.ts";
import type { HealthSource } from "./health.ts";
import { createBuckets, type HttpLimits } from "./limits.ts";
import { listen, listenOrNext, type ListenTarget } from "./listen.ts";
import type { Operation } from "./operation.ts";
import { createUpgrades, type Upgrade } from "./upgrades.ts";

export interface HttpServerOptions {
  /** Names the component in logs; `http` when absent. */
  readonly name?: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** False: a taken port moves to the next free one. True when absent. */
  readonly portAsked?: boolean;
  /** Further names that people reach it by, for the Host check. */
  readonly hostNames?: readonly string[];
  readonly operations: readonly Operation[];
  readonly upgrades?: readonly Upgrade[];
  /** Mounted last: the page and its files. */
  readonly statics?: RequestHandler;
  readonly authenticate: Authenticate;
  readonly health: HealthSource;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limits?: HttpLimits;
  /** For /openapi.json and /health. */
  readonly title?: string;
  readonly version?: string;
  readonly clock?: Clock;
}

export interface HttpServer extends Component {
  /** Where it listens; throws before it started. */
  address(): ListenTarget;
  quiesce(): Promise<void>;
}

/** Share of the stop's budget in which answers in hand may finish by themselves. */
const POLITE_SHARE = 0.7;

/** One server for a set of operations. CaudalError "in-use" from `start` names the owner of the port where it can be known. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { host, metrics, logger, limits = {}, clock = systemClock } = options;
  const active = createActiveRequests();
  const guard = createGuard({ host, ...(options.hostNames === undefined ? {} : { hostNames: options.hostNames }) });
  const perMinute = limits.authFailuresPerMinute ?? 30;
  const context: AnswerContext = {
    authenticate: options.authenticate,
    active,
    authFailures: createBuckets({ perS: perMinute / 60, burst: perMinute, clock }),
    clock,
    languageOf,
  };
  let stopping = false;
  const operations: Operation[] = [];
  operations.push(...options.operations, ...builtInOperations({
    health: options.health, metrics, title: options.title ?? "Caudal", version: options.version ?? "0.0.0",
    stopping: () => stopping, operations: () => operations,
  }));
  const app = createApp({
    operations, statics: options.statics, context, guard, logger, metrics,
    maxInFlight: limits.maxInFlight ?? 256,
    rate: limits.requestsPerS === undefined ? undefined : createBuckets({ perS: limits.requestsPerS, burst: limits.requestsPerS * 10, clock }),
    stopping: () => stopping,
  });
  const upgrades = createUpgrades({ upgrades: options.upgrades ?? [], guard, context, logger, languageOf });
  let server: Server | undefined;
  let bound: ListenTarget | undefined;
  let closed: Promise<void> | undefined;
  let unwatch = (): void => {};

  function make(): Server {
    const { headersTimeoutMs = 15_000, requestTimeoutMs = 60_000 } = limits;
    const made = createServer({
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs, requestTimeoutMs),
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
    }, app);
    made.maxConnections = limits.maxConnections ?? 1024;
    // Without this Node says "continue" before anybody looked whether the body is wanted.
    made.on("checkContinue", app);
    made.on("upgrade", upgrades.onUpgrade);
    return made;
  }

  function takeNoMore(current: Server): Promise<void> {
    stopping = true;
    closed ??= new Promise((resolve) => current.close(() => resolve()));
    return closed;
  }

  return {
    name: options.name ?? "http",
    start: async () => {
      const address = await listenOrNext(options.port, {
        asked: options.portAsked ?? true,
        open: async (port) => {
          server = make();
          return listen(server, { host, port });
        },
      });
      bound = { host: address.address, port: address.port };
      const connections = metrics.gauge("caudal_http_connections");
      unwatch = metrics.beforeScrape(() => new Promise((resolve) => server?.getConnections((_error, count) => {
        connections.set({}, count ?? 0);
        resolve();
      })));
      logger.info("http.listening", { ...bound });
    },
    address: () => {
      if (bound === undefined) throw new Error("the server has not started");
      return bound;
    },
    quiesce: async () => {
      if (server !== undefined) void takeNoMore(server);
    },
    stop: async (deadlineMs) => {
      if (server === undefined) return;
      const current = server;
      const closing = takeNoMore(current);
      unwatch();
      active.endEventStreams();
      upgrades.close();
      const finished = await settleWithin(() => Promise.all([active.idle(), upgrades.idle()]), deadlineMs * POLITE_SHARE);
      if (finished.kind === "late") {
        logger.warn("http.cut", { inFlight: active.inFlight() });
        active.abortAll();
        upgrades.cut();
      }
      current.closeAllConnections();
      await closing;
    },
  };
}

function languageOf(request: IncomingMessage): Language {
  const question = (request.url ?? "").indexOf("?");
  const asked = question === -1 ? undefined : new URLSearchParams(request.url?.slice(question + 1)).get("lang");
  return chooseLanguage(asked ?? undefined, request.headers["accept-language"]);
}
