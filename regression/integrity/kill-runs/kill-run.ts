import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { SimulationResult } from "@caudal/simulator";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { alarmsAt } from "./alarms.ts";
import { serviceOf, type Catalogue } from "./catalogue.ts";
import { draw } from "./draw.ts";
import { drained } from "./drained.ts";
import { startFeed } from "./feed.ts";
import type { Death, Installation } from "./installation.ts";
import { startPerson } from "./person.ts";
import { faultsText, planOf, type Plan, type PlannedMoment, type PlannedPoint } from "./plan.ts";

/** One end of a process that a run brought about. */
export interface Kill {
  /** The point with its arrival, or "moment". */
  readonly at: string;
  readonly service: string;
  /** Milliseconds until the service was ready again. */
  readonly readyMs: number;
}

export interface RunResult {
  readonly seed: string;
  readonly plan: Plan;
  readonly kills: readonly Kill[];
  readonly feed: SimulationResult | undefined;
  readonly verdict: AuditVerdict | undefined;
  /** Its point was not reached, so that a moment took its place. */
  readonly isMissed: boolean;
  /** What was wrong beside the verdict. */
  readonly problems: readonly string[];
  /** Milliseconds from the last kill until everything was taken and handled. */
  readonly drainedMs: number;
  readonly tookMs: number;
}

export interface KillRunOptions {
  readonly seed: string;
  readonly installation: Installation;
  readonly catalogue: Catalogue;
  /** A run without any kill, to see which points there are. */
  readonly spare?: boolean;
}

const DRAIN_MS = 60_000;

export function isGood({ verdict, problems }: RunResult): boolean {
  return verdict?.ok === true && problems.length === 0;
}

/** One run: feed, kill, recover, drain, stop, audit. Rejects only where the driver itself fails. */
export async function killRun(options: KillRunOptions): Promise<RunResult> {
  return new KillRun(options).run();
}

class KillRun {
  readonly #options: KillRunOptions;
  readonly #plan: Plan;
  readonly #client: string;
  readonly #truth: string;
  readonly #kills: Kill[] = [];
  readonly #problems: string[] = [];
  #pending: (PlannedPoint | PlannedMoment)[];
  #victim: string;
  #lastKillMs = performance.now();
  #askedKills = 0;
  #over = false;
  readonly #end = Promise.withResolvers<undefined>();
  /** Nothing more comes of it: what is under way ends. */
  readonly #hopeless = new AbortController();

  constructor(options: KillRunOptions) {
    const { seed, installation, catalogue } = options;
    this.#options = options;
    this.#plan = planOf(seed, catalogue, installation.services);
    this.#client = `k-${seed.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
    this.#truth = join(installation.folder, "truth", this.#client);
    this.#pending = options.spare === true ? [] : [this.#plan.first, ...(this.#plan.second === undefined ? [] : [this.#plan.second])];
    this.#victim = this.#serviceOf(this.#plan.first);
  }

  async run(): Promise<RunResult> {
    const { seed, installation } = this.#options;
    const startedMs = performance.now();
    mkdirSync(this.#truth, { recursive: true });
    const supervising = this.#supervise();
    await this.#start();
    const feed = startFeed({ seed, client: this.#client, truthDirectory: this.#truth, http: installation.http("collector"), mqtt: installation.mqtt(), drop: installation.drop(this.#client), signal: this.#hopeless.signal });
    const person = startPerson({ http: () => installation.http("business"), client: this.#client });
    const sent = await feed.done.catch((error: unknown) => this.#problem(`the feed failed: ${String(error)}`));
    await person.stop();
    if (sent !== undefined && sent.unknown > 0) this.#problem(`${sent.unknown} messages were never settled`);
    if (sent !== undefined && sent.refusals.length > 0) this.#problem(`refused: ${sent.refusals.join("; ")}`);
    await this.#drain();
    const drainedMs = performance.now() - this.#lastKillMs;
    await this.#stop();
    // A moment takes its place, so that each run has its kill.
    const isMissed = this.#kills.length === 0 && !this.#hopeless.signal.aborted && this.#options.spare !== true;
    if (isMissed) {
      this.#pending = [{ kind: "moment", service: this.#victim, afterMs: Math.floor(draw(seed, "instead") * 1000) }];
      await this.#start();
      await this.#drain();
      await this.#stop();
    }
    this.#over = true;
    this.#end.resolve(undefined);
    await supervising;
    const verdict = await installation.audit(this.#truth).catch((error: unknown) => this.#problem(`the audit failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
    return { seed, plan: this.#plan, kills: this.#kills, isMissed, feed: sent, verdict, problems: this.#problems, drainedMs, tookMs: performance.now() - startedMs };
  }

  #problem(text: string): undefined {
    this.#problems.push(text);
  }

  #serviceOf(fault: PlannedPoint | PlannedMoment): string {
    const { services } = this.#options.installation;
    const service = fault.kind === "moment" ? fault.service : serviceOf(fault.point);
    return services.includes(service) ? service : services[0]!;
  }

  /** Starts what does not run, with the next fault that is to come. */
  async #start(): Promise<void> {
    const { installation, seed } = this.#options;
    const next = this.#pending[0];
    if (next !== undefined) this.#victim = this.#serviceOf(next);
    const isReady = installation.start({ client: this.#client, faults: faultsText(seed, next), victim: this.#victim });
    if (next?.kind === "moment") void wait(next.afterMs).then(() => this.#killNow(next));
    await isReady;
  }

  #killNow(moment: PlannedMoment): void {
    if (this.#over || this.#pending[0] !== moment) return;
    if (!this.#options.installation.isRunning(moment.service)) return;
    this.#askedKills += 1;
    void this.#options.installation.kill(moment.service);
  }

  /** Starts again whatever ends, until the run is over. */
  async #supervise(): Promise<void> {
    for (;;) {
      const death = await Promise.race([this.#options.installation.died(), this.#end.promise]);
      if (death === undefined) return;
      const diedMs = performance.now();
      this.#lastKillMs = diedMs;
      const at = this.#causeOf(death);
      if (at === undefined) {
        this.#problem(`${death.service} ended by itself (code ${death.code}, signal ${death.signal}):\n${death.output.slice(-4000)}`);
        return this.#hopeless.abort();
      }
      this.#pending.shift();
      await this.#start();
      this.#kills.push({ at, service: death.service, readyMs: performance.now() - diedMs });
    }
  }

  #causeOf({ signal, report }: Death): string | undefined {
    if (signal !== "SIGKILL") return undefined;
    if (report?.killed) return `${report.killed.point}@${report.killed.arrival}`;
    if (this.#askedKills === 0) return undefined;
    this.#askedKills -= 1;
    return "moment";
  }

  async #drain(): Promise<void> {
    if (!this.#hopeless.signal.aborted) await this.#options.installation.settle(this.#client).catch((error: unknown) => this.#problem(`not settled: ${String(error)}`));
    const behind = await drained(() => this.#options.installation.http("web"), DRAIN_MS, this.#hopeless.signal);
    if (behind !== undefined) return this.#problem(`not drained within ${DRAIN_MS / 1000} s: ${behind}`);
    const alarms = await alarmsAt(this.#options.installation.metrics()).catch(() => []);
    if (alarms.length > 0) this.#problem(`false alarm: ${alarms.join("; ")}`);
  }

  /** Stops, and again after a fault on the way: what it left has to be recovered before it is judged. */
  async #stop(): Promise<void> {
    const { installation } = this.#options;
    const settings = { client: this.#client, faults: "", victim: this.#victim };
    for (let before = this.#kills.length; !(await installation.stop(settings)); before = this.#kills.length) {
      while (this.#kills.length === before && !this.#hopeless.signal.aborted) await wait(10);
      if (this.#hopeless.signal.aborted) return;
      await this.#drain();
    }
  }
}
