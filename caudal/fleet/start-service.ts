import { hostname } from "node:os";
import { createAuthenticate, createHealth, createHttpServer, createLifecycle, largeHeap, type Logger, type StopReport } from "@caudal/runtime";
import { reachableHost } from "../composition/addresses.ts";
import type { Settings } from "../composition/all-settings.ts";
import { isLoopbackHost, refuseExposureWithoutToken } from "../composition/exposure.ts";
import { foundationOf } from "../composition/faulty-foundation.ts";
import { foundationPorts, openFoundation, type Foundation } from "../composition/foundation.ts";
import { addHealthChecks } from "../composition/health-checks.ts";
import { refuseEmbedded } from "../composition/open-ports.ts";
import { version } from "../composition/version.ts";
import { ownProgress } from "../status/installation-status.ts";
import { createBeating } from "./beats.ts";
import type { ServiceRow } from "./service-table.ts";

export interface StartServiceOptions {
  readonly service: ServiceRow;
  readonly dataDirectory: string;
  readonly settings: Settings;
  readonly logger: Logger;
}

export interface RunningService {
  /** Where its health, metrics and operations answer. */
  readonly url: string;
  readonly engines: Readonly<Record<string, string>>;
  stop(budgetMs: number): Promise<StopReport>;
}

const LOOPBACK = "127.0.0.1";

/** One service in this process, on the servers that it shares with the others. Resolves when it is ready. */
export async function startService({ service, dataDirectory, settings, logger }: StartServiceOptions): Promise<RunningService> {
  refuseEmbedded([...foundationPorts, ...service.ports], settings.choices);
  const foundation = await openFoundation(service.ports, { dataDirectory, settings, logger });
  try {
    return await startOn(foundation, service);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function startOn(foundation: Foundation, service: ServiceRow): Promise<RunningService> {
  const { ports, metrics, tokens, clock, logger, settings, engines } = foundation;
  const { http: { host = LOOPBACK, port }, httpNames = [] } = settings.installation;
  await refuseExposureWithoutToken(tokens, [{ what: "HTTP", host }]);
  const made = await service.make(foundation);
  const health = createHealth();
  addHealthChecks(health, ports, foundation.dataDirectory);
  health.add(service.name, () => made.health());
  const http = createHttpServer({
    host, port, portAsked: settings.origins.http !== "default", hostNames: httpNames, title: `Caudal ${service.name}`, version: version(), health, metrics, logger,
    operations: [...made.operations, ...(made.ownOperations ?? [])], authenticate: createAuthenticate({ lookup: tokens.lookup, tokensRequired: !isLoopbackHost(host) }),
    ...(made.upgrades === undefined ? {} : { upgrades: made.upgrades }), ...(made.statics === undefined ? {} : { statics: made.statics }),
  });
  const beating = createBeating({
    documents: foundationOf(foundation, service.name).ports.documents, id: `${service.name}@${hostname()}:${process.pid}`, service: service.name, version: version(), engines, progress: ownProgress(metrics), clock, logger,
  });
  const lifecycle = createLifecycle(logger);
  for (const component of [largeHeap({ logger }), beating, ...made.components, http]) lifecycle.add(component);
  await lifecycle.start();
  const at = http.address();
  return {
    url: `http://${reachableHost(at.host)}:${at.port}/`, engines,
    stop: async (budgetMs) => {
      const report = await lifecycle.stop(budgetMs);
      await foundation.close();
      return report;
    },
  };
}
