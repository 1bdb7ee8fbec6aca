import { randomUUID } from "node:crypto";
import { CaudalError, type Documents } from "@caudal/core";
import { noFaults, systemSleep, type Clock, type Component, type FaultPoints, type Logger, type Metrics, type Sleep } from "@caudal/runtime";
import type { Edge } from "../edge/edge.ts";
import type { Receipts } from "../edge/receipts.ts";
import type { Calls } from "../outbound/calls.ts";
import { openCalls } from "../outbound/open-calls.ts";
import type { Redactor } from "../outbound/redact.ts";
import { openTransport, type Transport } from "../outbound/transport.ts";
import type { Account } from "../providers/account.ts";
import type { AccountProblem } from "../providers/file/secrets.ts";
import { AccountPoller } from "./account-poller.ts";
import { AccountScore } from "./account-score.ts";
import { Checkpoints } from "./backfill-checkpoints.ts";
import { deviceNameOf } from "./read-pages.ts";
import { Scorecards } from "./scorecards.ts";
import { SeenRows } from "./seen-rows.ts";
import { Watermarks } from "./watermarks.ts";

export interface PollingOptions {
  readonly accounts: readonly Account[];
  /** Accounts and devices that are left out, and why. */
  readonly problems?: readonly AccountProblem[];
  readonly edge: Edge;
  readonly receipts: Receipts;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly sleep?: Sleep;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Reached around fetch, publish and watermark of each page; a crash at any of them loses nothing. */
  readonly faults?: FaultPoints;
  /** Under which name it holds its leases; a new one when absent. */
  readonly holder?: string;
  /** False: nothing is asked for by itself, for work that a person starts. True when absent. */
  readonly scheduled?: boolean;
  /** What calls go out by; real ones when absent. */
  readonly callsOf?: (account: Account, transport: Transport) => Calls & { readonly redactor: Redactor };
}

/** Rows of the last 48 hours that are told from new ones without asking anybody: some 60 MB. */
const SEEN_ROWS = 500_000;

/** What runs, once it is started. */
export interface Polls {
  readonly pollers: readonly AccountPoller[];
  /** Of an account that is asked for from now on, not started yet. */
  readonly pollerFor: (account: Account) => AccountPoller;
  readonly watermarks: Watermarks;
  readonly scorecards: Scorecards;
  readonly checkpoints: Checkpoints;
}

/** Asks the providers of every account: on schedule, past their outages, with other collectors or alone. */
export class Polling implements Component {
  readonly name = "polling";
  readonly #options: PollingOptions;
  #transport: Transport | undefined;
  #polls: Polls | undefined;
  /** Joined while it runs. */
  #joined: readonly Account[] = [];
  #endScrapes = (): void => {};

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  accounts(): readonly Account[] {
    return [...this.#options.accounts, ...this.#joined];
  }

  problems(): readonly AccountProblem[] {
    return this.#options.problems ?? [];
  }

  /** Undefined until it has started. */
  polls(): Polls | undefined {
    return this.#polls;
  }

  clock(): Clock {
    return this.#options.clock;
  }

  sleep(): Sleep {
    return this.#options.sleep ?? systemSleep;
  }

  async start(): Promise<void> {
    const { accounts, documents, clock, logger, metrics, scheduled = true, holder = randomUUID(), faults = noFaults, edge, receipts } = this.#options;
    const [watermarks, scorecards, checkpoints] = await Promise.all([Watermarks.open(documents), Scorecards.open(documents), Checkpoints.open(documents)]);
    const transport = openTransport({ maxConnections: 64 });
    this.#transport = transport;
    const seen = new SeenRows({ maxRows: SEEN_ROWS });
    const callsOf = this.#options.callsOf ?? ((account: Account) => openCalls({ account, transport, clock, logger, metrics, sleep: this.sleep() }));
    const pollerFor = (account: Account): AccountPoller => {
      const calls = callsOf(account, transport);
      const tools = { account, calls, redactor: calls.redactor, edge, receipts, watermarks, seen, score: new AccountScore(clock), clock, sleep: this.sleep(), faults, metrics, logger };
      return new AccountPoller({ tools, lease: { documents, clock, work: `poll-${account.id}`, holder }, scorecards, scheduled });
    };
    const pollers = accounts.map(pollerFor);
    this.#polls = { pollers, pollerFor, watermarks, scorecards, checkpoints };
    this.#endScrapes = metrics.beforeScrape(() => this.#gauges());
    for (const poller of pollers) poller.start();
    if (accounts.length > 0) logger.info("polling.started", { accounts: accounts.length, devices: accounts.reduce((sum, { devices }) => sum + devices.length, 0) });
  }

  /**
   * Asks for these accounts too, until what is returned is called; those whose name is taken are left out. CaudalError "unavailable" when it does
   * not run.
   */
  join(accounts: readonly Account[]): (deadlineMs: number) => Promise<void> {
    const running = this.#polls;
    if (running === undefined) throw new CaudalError("unavailable", "polling is not running");
    const taken = new Set(this.accounts().map(({ id }) => id));
    for (const { id } of accounts) if (taken.has(id)) this.#options.logger.warn("polling.name-taken", { account: id });
    const pollers = accounts.filter(({ id }) => !taken.has(id)).map(running.pollerFor);
    const joined = pollers.map((poller) => poller.tools().account);
    this.#polls = { ...running, pollers: [...running.pollers, ...pollers] };
    this.#joined = [...this.#joined, ...joined];
    for (const poller of pollers) poller.start();
    return async (deadlineMs) => {
      this.#joined = this.#joined.filter((account) => !joined.includes(account));
      await Promise.all(pollers.map((poller) => ended(poller, deadlineMs)));
      this.#gauges();
      const left = this.#polls;
      if (left !== undefined) this.#polls = { ...left, pollers: left.pollers.filter((poller) => !pollers.includes(poller)) };
    };
  }

  async quiesce(): Promise<void> {
    for (const poller of this.#polls?.pollers ?? []) poller.quiesce();
  }

  async stop(deadlineMs: number): Promise<void> {
    const pollers = this.#polls?.pollers ?? [];
    this.#endScrapes();
    await Promise.all(pollers.map((poller) => ended(poller, deadlineMs)));
    await this.#transport?.close();
    this.#polls = undefined;
    this.#joined = [];
  }

  #gauges(): void {
    const { metrics } = this.#options;
    const newest = metrics.gauge("caudal_poll_newest_timestamp_seconds");
    const used = metrics.gauge("caudal_poll_budget_used_ratio");
    const wrong = metrics.gauge("caudal_poll_devices_misconfigured");
    for (const poller of this.#polls?.pollers ?? []) {
      const tools = poller.tools();
      const labels = { account: tools.account.id };
      if (!poller.isHolder()) {
        for (const gauge of [newest, used, wrong]) gauge.remove(labels);
        metrics.gauge("caudal_provider_up").remove({ ...labels, provider: tools.account.provider.id });
        continue;
      }
      const times = tools.account.devices.flatMap((device) => [...tools.watermarks.of(deviceNameOf({ tools, device })).marks.values()].map(({ timeUs }) => timeUs));
      if (times.length > 0) newest.set(labels, times.reduce((most, timeUs) => Math.max(most, timeUs), 0) / 1e6);
      used.set(labels, Math.max(0, ...tools.calls.budget().map((window) => window.used / window.calls)));
      wrong.set(labels, poller.devices().filter(({ health }) => health.states().some(({ misconfiguredSinceUs }) => misconfiguredSinceUs !== undefined)).length);
    }
  }
}

async function ended(poller: AccountPoller, deadlineMs: number): Promise<void> {
  await poller.stop(deadlineMs);
  await poller.tools().calls.close();
}
