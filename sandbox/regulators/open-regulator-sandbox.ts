import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Abuse, type AbuseLimits } from "./abuse.ts";
import { createRegulatorApp } from "./app.ts";
import { Held, type StoredMeasurement } from "./held.ts";
import type { RegulatorWorld, SandboxWork } from "./model.ts";
import { regulatorModels } from "./models.ts";
import { regulatorQuirkNames, RegulatorSwitches, type RegulatorId, type RegulatorQuirkName, type RegulatorQuirkShares } from "./quirks.ts";
import { RequestLog, type RegulatorRequest } from "./request-log.ts";

export interface RegulatorSandboxOptions {
  readonly seed: string;
  /** The clock of what is stored, tokens, blocks and the log: the machine's when absent. Milliseconds since 1970. */
  readonly nowMs?: () => number;
  readonly quirks?: RegulatorQuirkShares;
  /** Works that the regulators know. Without any, every well-formed one is taken from whoever sends it. */
  readonly works?: readonly SandboxWork[];
  /** Works that are not registered are taken too, from whoever sends them. */
  readonly takesUnknown?: boolean;
  /** Folder of `stored.ndjson` and `requests.ndjson`; a sandbox opened on it again has what it had. In memory alone when absent. */
  readonly dataDirectory?: string;
  /** Real milliseconds that a slow answer takes; 5 s when absent. */
  readonly slowMs?: number;
  /** Real milliseconds after which a request that is never answered is cut off; 2 min when absent. */
  readonly hangMs?: number;
  /** Real milliseconds before each answer; 0 when absent. */
  readonly latencyMs?: number;
  /** A centre that sends again too often is blocked: more than 5 times in a day, for an hour, when absent. */
  readonly abuse?: AbuseLimits;
  /** Requests that stay in memory; 100,000 when absent. */
  readonly logKept?: number;
  readonly host?: string;
  /** Any free one when absent or 0. */
  readonly port?: number;
}

export interface RegulatorSandbox {
  /** Of the page: http://127.0.0.1:PORT. */
  readonly url: string;
  /** What a client is given as a regulator's base. */
  readonly baseUrls: Readonly<Record<RegulatorId, string>>;
  readonly quirks: { current(): ReturnType<RegulatorSwitches["current"]>; set(regulator: RegulatorId | "all", name: RegulatorQuirkName, share: number): void; clear(): void };
  /** Kept requests after a number, oldest first. */
  requests(after?: number): readonly RegulatorRequest[];
  /** What the regulators have, of one, of one work, or all. */
  stored(of?: { readonly regulator?: RegulatorId; readonly codigoObra?: string }): readonly StoredMeasurement[];
  /** Requests since the first start, and measurements that are held. */
  counts(): { readonly requests: number; readonly stored: number };
  /** Makes works known, or known otherwise. */
  register(works: readonly SandboxWork[]): void;
  /** Control centres that are blocked, and until when. */
  blocked(): readonly { readonly centre: string; readonly untilMs: number }[];
  /** Ends all blocks, as the ministry does on a ticket. */
  release(): void;
  /** Requests that have come and whose answers have not left yet. */
  inHand(): number;
  /** Ends every request, hung ones too. Once. */
  close(): Promise<void>;
}

/** Starts a sandbox of the regulators. RangeError for options that cannot be; rejects when the port or a file cannot be opened. */
export async function openRegulatorSandbox(options: RegulatorSandboxOptions): Promise<RegulatorSandbox> {
  const { seed, nowMs = Date.now, dataDirectory, host = "127.0.0.1", port = 0 } = options;
  const fileOf = (name: string): string | undefined => (dataDirectory === undefined ? undefined : join(dataDirectory, name));
  const switches = new RegulatorSwitches(options.quirks ?? {}, nowMs());
  const held = new Held(fileOf("stored.ndjson"));
  const log = new RequestLog({ path: fileOf("requests.ndjson"), kept: options.logKept ?? 100_000 });
  const abuse = new Abuse(options.abuse ?? { resends: 5, blockMs: 3_600_000 });
  const world: RegulatorWorld = { seed, held, abuse, switches, takesUnknown: options.takesUnknown ?? false, works: new Map((options.works ?? []).map((work) => [work.code, work])) };
  const closing = new AbortController();
  const wire = { latencyMs: options.latencyMs ?? 0, dripMs: 0, hangMs: options.hangMs ?? 120_000, closed: closing.signal };
  let inHand = 0;
  const server = createServer(createRegulatorApp({ world, log, nowMs, wire, slowMs: options.slowMs ?? 5000, inHand: (change) => (inHand += change) }));
  const closeFiles = (): void => [held, log].forEach((file) => file.close());
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    closeFiles();
    throw error;
  }
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    baseUrls: Object.fromEntries(regulatorModels.map(({ id, base }) => [id, `${url}${base}`])) as Record<RegulatorId, string>,
    quirks: {
      current: () => switches.current(nowMs()),
      set: (regulator, name, share) => switches.set(regulator, name, { share, nowMs: nowMs() }),
      clear: () => regulatorQuirkNames.forEach((name) => switches.set("all", name, { share: 0, nowMs: nowMs() })),
    },
    requests: (after) => log.requests(after),
    stored: (of) => held.list(of),
    counts: () => ({ requests: log.count, stored: held.count }),
    register: (works) => works.forEach((work) => world.works.set(work.code, work)),
    blocked: () => abuse.blocked(nowMs()),
    release: () => abuse.release(),
    inHand: () => inHand,
    async close() {
      closing.abort();
      await closed(server);
      closeFiles();
    },
  };
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
  server.closeAllConnections();
  await ended;
}
