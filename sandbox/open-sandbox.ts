import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ProviderId, SandboxAccount } from "./fleet/device.ts";
import { createFleet } from "./fleet/fleet.ts";
import { Limiter } from "./limits/limiter.ts";
import { parseLimits } from "./limits/limit.ts";
import { openLogFile } from "./log/log-file.ts";
import { RequestLog } from "./log/request-log.ts";
import { models } from "./providers/providers.ts";
import { Tokens } from "./providers/tokens.ts";
import type { World } from "./providers/world.ts";
import { quirkNames } from "./quirks/quirks.ts";
import { Switches, type QuirkShares } from "./quirks/switches.ts";
import { Series } from "./series/series.ts";
import { WrittenRows } from "./series/written-rows.ts";
import { createApp, type AnsweredBody } from "./server/app.ts";
import { Exchange } from "./server/exchange.ts";
import { describedAccounts, type DescribedAccount } from "./accounts/described.ts";
import { truthOf, type TruthAsk, type TruthRow } from "./truth/truth.ts";

const DAY_MS = 86_400_000;

export interface SandboxOptions {
  readonly seed: string;
  /** In all, spread over the providers, or of each provider named; 24 when absent. */
  readonly devices?: number | Partial<Record<ProviderId, number>>;
  /** How often devices measure, 30 s at least; one is picked for each device. [5 min] when absent. */
  readonly everyMs?: readonly number[];
  /** Days of history before the opening; 30 when absent. */
  readonly days?: number;
  readonly quirks?: QuirkShares;
  /** `requests:seconds,…` in place of a provider's own limits; "" for none. */
  readonly limits?: Partial<Record<ProviderId, string>>;
  /** The clock of data, tokens and limits: the machine's when absent. Milliseconds since 1970, never falling. */
  readonly nowMs?: () => number;
  /** Real milliseconds before each answer; 0 when absent. */
  readonly latencyMs?: number;
  /** Real milliseconds over which a dripping body is spread; 3 s when absent. */
  readonly dripMs?: number;
  /** Real milliseconds after which a request that is never answered is cut off; 2 min when absent. */
  readonly hangMs?: number;
  /** How long The Things Stack's storage keeps messages; 30 days when absent. */
  readonly retentionMs?: number;
  readonly host?: string;
  /** Any free one when absent or 0. */
  readonly port?: number;
  /** Every request is appended here as a line of JSON. */
  readonly logFile?: string;
  /** Told of each body that looks whole to its reader, before it leaves: for whoever keeps evidence. */
  readonly answered?: (body: AnsweredBody) => void;
  /** Requests, and rows in them, that stay in memory; 20,000 and 500,000 when absent. */
  readonly logKept?: { readonly entries: number; readonly rows: number };
}

export interface Sandbox {
  /** Of the page: http://127.0.0.1:PORT. */
  readonly url: string;
  /** Where each provider lives. */
  readonly baseUrls: Readonly<Record<ProviderId, string>>;
  /** Accounts, devices, keys and the made-up secrets that open them. */
  accounts(): readonly DescribedAccount[];
  readonly quirks: Pick<Switches, "current"> & { set(provider: ProviderId | "all", name: Parameters<Switches["set"]>[1], share: number): void; clear(): void };
  /** Requests that have come and whose answers have not left yet. */
  inHand(): number;
  readonly log: Pick<RequestLog, "entries" | "counts" | "listen">;
  /** Rows that a perfect collector would have at `asOfMs`, which is now when absent. */
  truth(ask: Omit<TruthAsk, "asOfMs"> & { readonly asOfMs?: number }): Iterable<TruthRow>;
  /** Ends every request, hung ones too, and writes the log file out. Once. */
  close(): Promise<void>;
}

/** Starts a sandbox. RangeError for options that cannot be; rejects when the port or the log file cannot be opened. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { seed, devices = 24, everyMs = [300_000], days = 30, host = "127.0.0.1", port = 0, nowMs = Date.now } = options;
  if (everyMs.length === 0 || everyMs.some((every) => !(Number.isSafeInteger(every) && every >= 30_000))) throw new RangeError("a device measures every 30 s at most");
  if (!(days >= 0)) throw new RangeError("days is not below 0");
  const openedMs = nowMs();
  const switches = new Switches(options.quirks ?? {}, openedMs);
  const accounts = createFleet({ seed, devices, everyMs });
  const written = new WrittenRows();
  const series = new Series({ seed, switches }, { bornMs: openedMs - days * DAY_MS, written });
  const world: World = { seed, accounts, series, switches, written, tokens: new Tokens(seed, switches), retentionMs: options.retentionMs ?? 30 * DAY_MS };
  const limiters = new Map(models.map(({ id, limits }) => [id, new Limiter(parseLimits(options.limits?.[id] ?? limits.text), limits.kind)]));
  const log = new RequestLog(options.logKept ?? { entries: 20_000, rows: 500_000 });
  const file = options.logFile === undefined ? undefined : await openLogFile(options.logFile);
  if (file !== undefined) log.listen((entry) => file.write(entry));
  const closing = new AbortController();
  const wire = { latencyMs: options.latencyMs ?? 0, dripMs: options.dripMs ?? 3000, hangMs: options.hangMs ?? 120_000, closed: closing.signal };
  const truth: Sandbox["truth"] = (ask) => truthOf(world, { asOfMs: nowMs(), ...ask });
  let inHand = 0;
  const app = createApp({ exchange: new Exchange(world, limiters), world, limiters, log, nowMs, wire, truth, answered: options.answered, inHand: (change) => (inHand += change) });
  const server = createServer(app);
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    await file?.close();
    throw error;
  }
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const baseUrls = Object.fromEntries(models.map(({ id, prefixes }) => [id, `${url}/${prefixes[0] ?? id}`])) as Record<ProviderId, string>;
  return {
    url,
    baseUrls,
    accounts: () => describedAccounts(accounts as readonly SandboxAccount[], baseUrls, options.limits ?? {}),
    quirks: {
      current: (atMs) => switches.current(atMs),
      set: (provider, name, share) => switches.set(provider, name, { share, nowMs: nowMs() }),
      clear: () => quirkNames.forEach((name) => switches.set("all", name, { share: 0, nowMs: nowMs() })),
    },
    inHand: () => inHand,
    log,
    truth,
    async close() {
      closing.abort();
      await closed(server);
      await file?.close();
    },
  };
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
  server.closeAllConnections();
  await ended;
}
