import { CaudalError, systemScope } from "@caudal/core";
import { createJobs, Problem, type Component, type HealthCheck, type JobRun, type ListenTarget, type Operation } from "@caudal/runtime";
import type { Parked } from "@caudal/schemas";
import { makeParts, type CollectorOptions, type CollectorParts } from "./collector-parts.ts";
import type { DropFolderStatus } from "./dropfolder/drop-folder.ts";
import { plainOperations } from "./http/plain-paths.ts";
import { backfillOf, providerOperations } from "./http/providers.ts";
import { readingsOperation } from "./http/readings.ts";
import type { BridgeStatus } from "./mqtt/bridge.ts";
import type { BackfillReport, BackfillRequest } from "./polling/backfill.ts";
import { accountsNamed } from "./polling/overview.ts";
import type { Account } from "./providers/account.ts";
import { createRedecoder, type Redecoded } from "./redecode.ts";
import { webhookOperations } from "./webhooks/operations.ts";

export interface CollectorStatus {
  /** Where the built-in broker listens, and how many are connected. */
  readonly broker: { readonly address: ListenTarget | undefined; readonly tlsAddress: ListenTarget | undefined; readonly connections: number; readonly problem: string | undefined } | undefined;
  readonly bridges: readonly BridgeStatus[];
  readonly dropFolder: DropFolderStatus | undefined;
}

export interface Collector extends Component {
  /** They answer "unavailable" until the collector has started. */
  readonly operations: readonly Operation[];
  /** The same by short paths (`/providers`), for the collector's own address alone. */
  readonly plainOperations: readonly Operation[];
  /** Where the built-in broker listens; undefined when there is none or it has not started. */
  mqttAddress(): ListenTarget | undefined;
  /** Where it listens for mqtts://; undefined when it does not. */
  mqttsAddress(): ListenTarget | undefined;
  status(): CollectorStatus;
  /** Degraded while an outside broker or the drop folder is not there. */
  health(): HealthCheck;
  /** Publishes what waits to be told of devices, now. */
  flushPresence(): Promise<void>;
  /** Asks providers for these accounts too, until what is returned is called, with how long it may take. CaudalError "unavailable" when the collector does not run. */
  poll(accounts: readonly Account[]): (deadlineMs: number) => Promise<void>;
  /** Decodes and publishes again what an edge parked. */
  redecode(parked: Parked): Promise<Redecoded>;
  /** The work of reading a stretch of the past of an account (all when absent) again. Problem "in-use" while another collector asks for one of them, "not-found" when there is none of that name. */
  backfill(account: string | undefined, request: BackfillRequest): Promise<(run: JobRun) => Promise<BackfillReport>>;
}

/** The readings' way in: MQTT, HTTP and a drop folder. `start` rejects with CaudalError "setting" when the mapping file is wrong. */
export function createCollector(options: CollectorOptions): Collector {
  const jobs = createJobs({ clock: options.clock, logger: options.logger });
  let running: CollectorParts | undefined;

  function parts(): CollectorParts {
    if (running === undefined) throw new CaudalError("unavailable", "the collector is not running");
    return running;
  }

  function status(): CollectorStatus {
    const broker = running?.broker;
    return {
      broker: broker === undefined ? undefined : { address: broker.address(), tlsAddress: broker.tlsAddress(), connections: broker.connections(), problem: broker.problem },
      bridges: running?.bridges.map((bridge) => bridge.status()) ?? [],
      dropFolder: running?.dropFolder?.status(),
    };
  }

  const providers = providerOperations(() => parts(), jobs);
  return {
    name: "collector",
    operations: [readingsOperation(parts), ...providers, ...webhookOperations(parts, options.clock)],
    plainOperations: plainOperations(providers),
    start: async () => {
      const made = await makeParts(options);
      const open: Component[] = [];
      try {
        for (const transport of made.transports) {
          await transport.start();
          open.push(transport);
        }
      } catch (error) {
        for (const transport of open.reverse()) await transport.stop(1000);
        throw error;
      }
      running = made;
    },
    quiesce: async () => {
      await Promise.all(running?.transports.map(async (transport) => transport.quiesce?.()) ?? []);
    },
    stop: async (deadlineMs) => {
      const stopping = running;
      running = undefined;
      await jobs.stop(deadlineMs * 0.2);
      await Promise.all(stopping?.transports.map((transport) => transport.stop(deadlineMs * 0.75)) ?? []);
      await stopping?.presence.close();
    },
    mqttAddress: () => running?.broker?.address(),
    mqttsAddress: () => running?.broker?.tlsAddress(),
    status,
    health: () => {
      const { broker, bridges, dropFolder } = status();
      const problems = bridges.filter(({ state }) => state !== "connected").map(({ broker, problem }) => `${broker}: ${problem ?? "connecting"}`);
      if (broker?.problem !== undefined) problems.push(`built-in broker: ${broker.problem}`);
      problems.push(...outagesOf(running));
      if (dropFolder?.problem !== undefined) problems.push(`drop folder: ${dropFolder.problem}`);
      return problems.length === 0 ? { status: "ok" } : { status: "degraded", detail: problems.join("; ") };
    },
    poll: (accounts) => parts().polling.join(accounts),
    flushPresence: async () => running?.presence.settle(),
    backfill: async (account, request) => {
      const { polling } = parts();
      for (const poller of polling.polls()?.pollers ?? []) await poller.round();
      const accounts = account === undefined ? polling.accounts() : accountsNamed(polling.accounts(), account, systemScope);
      if (accounts.length === 0) throw new Problem("not-found", { detail: account ?? "" });
      return backfillOf(polling, accounts, request);
    },
    redecode: async (parked) => createRedecoder({ ...parts(), dropZone: options.settings.dropZone })(parked),
  };
}

/** A provider that is away is one line, however many devices it has. */
function outagesOf(parts: CollectorParts | undefined): readonly string[] {
  return (parts?.polling.polls()?.pollers ?? []).flatMap((poller) => {
    const { account, calls } = poller.tools();
    const outage = poller.isHolder() ? calls.outage() : undefined;
    return outage === undefined ? [] : [`${account.id} (${account.provider.id}): ${outage.failure.kind}, ${outage.failure.detail}`];
  });
}
