import { Erasures, systemScope, type Documents, type EventLog, type PointKey, type Scope } from "@caudal/core";
import { systemSleep, type Clock, type JobRun, type Logger, type Metrics } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { Arrivals } from "./arrivals.ts";
import { CheckRecords } from "./check-record.ts";
import { DayComparer } from "./compare-day.ts";
import { DAY_US, dayStart, dayText } from "./days.ts";
import { Findings, type TierFindings, type TierReport } from "./findings.ts";
import { GroupMarks } from "./group-marks.ts";
import { askLog, type Suspect } from "./log-witness.ts";
import { forgettingTiers, type ForgettingTier, type Span, type Tiers } from "./pairs.ts";
import { DayPacking, PackRecords, type PackReport } from "./packing.ts";
import { PointWork } from "./point-work.ts";
import { PointsOf } from "./points-asked.ts";
import { tierStatus, type InstallationTiers, type TierBytes } from "./status.ts";

export interface TierWorkOptions {
  readonly tiers: Tiers;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds that a tier's group is waited for before a job gives up; 60,000 when absent. */
  readonly waitMs?: number;
  /** Bytes that a tier takes, where somebody knows. */
  readonly bytes?: TierBytes;
}

/** What a job goes over; everything that the scope sees where nothing is named. */
export interface TierRequest {
  readonly scope?: Scope | undefined;
  readonly tier?: ForgettingTier | undefined;
  readonly client?: string | undefined;
  readonly point?: string | undefined;
  /** Whole UTC days that the half-open range touches. */
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly dryRun?: boolean | undefined;
}

export type TierJob = "verify" | "repair" | "forget";

export interface TierRun extends JobRun {
  /** Milliseconds of rest after each millisecond of work; none when absent. */
  readonly restShare?: number;
  /** Called between points; a rejection ends the run. */
  readonly between?: () => Promise<void>;
}

export interface TierWork {
  /**
   * verify: compares every day that hot and warm hold with the tiers that hold for longer. repair: merges what differs by revision, in both directions.
   * forget: repairs what is past a tier's retention, then raises the floor over it. Each step may be done twice, by whomever.
   */
  run(job: TierJob, request: TierRequest, run: TierRun): Promise<TierReport>;
  /**
   * Packs the days in cold that lie under warm's floor, where cold packs; `tier`, `fromUs` and `toUs` do not matter. Each step may be done twice, by whomever.
   * `whole`: folds in at once what came late for days that were packed before.
   */
  pack(request: TierRequest & { readonly whole?: boolean | undefined }, run: TierRun): Promise<PackReport>;
  status(scope: Scope): Promise<InstallationTiers>;
}

const POINTS_AT_ONCE = 2;
/** So many suspects are asked for in one reading of the log. */
const SUSPECTS_AT_ONCE = 5000;
const LOGGED = 10;

/** The checks of the tiers over time, for jobs, for the forgetting in the background and for commands. Opens its collections when first asked. */
export function createTierWork(options: TierWorkOptions): TierWork {
  const { tiers, clock, documents, bytes } = options;
  let opening: Promise<readonly [PointsOf, CheckRecords, Erasures, PackRecords]> | undefined;
  const opened = (): Promise<readonly [PointsOf, CheckRecords, Erasures, PackRecords]> => {
    opening ??= Promise.all([PointsOf.open(documents), CheckRecords.open(documents), Erasures.open(documents, () => clock.monotonicMs()), PackRecords.open(documents)]);
    opening.catch(() => (opening = undefined));
    return opening;
  };
  return {
    run: async (job, request, run) => {
      const [points, records, erasures] = await opened();
      return new OneRun(options, { points, records, erasures, job, request, run }).all();
    },
    pack: async (request, run) => {
      const [points, , erasures, packed] = await opened();
      return packAll(options, { points, erasures, packed, request, run });
    },
    status: async (scope) => {
      const [points, records, , packed] = await opened();
      return tierStatus({ tiers, scope, points, records, packed, nowUs: clock.nowUs(), ...(bytes === undefined ? {} : { bytes }) });
    },
  };
}

interface PackParts {
  readonly points: PointsOf;
  readonly erasures: Erasures;
  readonly packed: PackRecords;
  readonly request: TierRequest & { readonly whole?: boolean | undefined };
  readonly run: TierRun;
}

async function packAll(options: TierWorkOptions, { points, erasures, packed, request, run }: PackParts): Promise<PackReport> {
  const { signal, restShare = 0 } = run;
  const asked = { scope: request.scope ?? systemScope, client: request.client, point: request.point };
  let done = 0;
  const total = await points.count(asked);
  const tell = (note?: string): void => run.progress({ done, total, unit: "points", ...(note === undefined ? {} : { note }) });
  const work = new DayPacking({
    ...options, records: packed, signal, isErased: async (client) => (await erasures.clients()).has(client),
    pace: async (workedMs, dayStartUs) => {
      tell(dayText(dayStartUs));
      if (restShare > 0) await systemSleep(workedMs * restShare, signal);
    },
  }, request.dryRun === true);
  for await (const page of points.pages(asked)) {
    const known = await packed.of(page);
    for (let at = 0; at < page.length; at += POINTS_AT_ONCE) {
      await Promise.all(page.slice(at, at + POINTS_AT_ONCE).map(async (key) => {
        await work.point(key, { record: known.get(key.point), whole: request.whole === true });
        done += 1;
        tell();
      }));
      await run.between?.();
    }
  }
  return work.report;
}

interface RunParts {
  readonly points: PointsOf;
  readonly records: CheckRecords;
  readonly erasures: Erasures;
  readonly job: TierJob;
  readonly request: TierRequest;
  readonly run: TierRun;
}

class OneRun {
  readonly #options: TierWorkOptions;
  readonly #parts: RunParts;
  readonly #findings = new Findings();
  readonly #comparer: DayComparer;
  readonly #nowUs: number;
  readonly #isErased = async (client: string): Promise<boolean> => (await this.#parts.erasures.clients()).has(client);
  #suspects: Suspect[] = [];
  #done = 0;
  #total = 0;

  constructor(options: TierWorkOptions, parts: RunParts) {
    this.#options = options;
    this.#parts = parts;
    const { tiers, log, codec, clock, metrics } = options;
    this.#nowUs = clock.nowUs();
    this.#comparer = new DayComparer({
      tiers, marks: new GroupMarks({ log, clock, ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }) }),
      arrivals: new Arrivals({ log, codec, keepBelowUs: () => Math.max(...forgettingTiers.map((tier) => this.#dueUs(tier) ?? -Infinity)) }),
      isErased: this.#isErased,
      suspect: (suspect) => this.#suspects.push(suspect),
      repaired: (tier, facts) => metrics.counter("caudal_tier_repaired_facts_total").inc({ tier }, facts),
    });
  }

  async all(): Promise<TierReport> {
    const { points, records, job, request, run } = this.#parts;
    const asked = { scope: request.scope ?? systemScope, client: request.client, point: request.point };
    const wanted = forgettingTiers.filter((tier) => request.tier === undefined || request.tier === tier);
    const dryRun = request.dryRun === true;
    // What warm was given from cold is hot's too, so where all are made equal hot comes again.
    const passes: readonly ForgettingTier[] = job === "repair" && wanted.length > 1 && !dryRun ? [...wanted, ...wanted.slice(0, -1)] : wanted;
    this.#total = (await points.count(asked)) * passes.length;
    const whole = request.client === undefined && request.point === undefined && request.fromUs === undefined && request.toUs === undefined && asked.scope.clients === "all";
    for (const tier of passes) {
      const counts = this.#findings.begin(tier);
      try {
        for await (const page of points.pages(asked)) {
          for (let at = 0; at < page.length; at += POINTS_AT_ONCE) {
            await Promise.all(page.slice(at, at + POINTS_AT_ONCE).map((key) => this.#point(tier, key, counts)));
            if (this.#suspects.length >= SUSPECTS_AT_ONCE) await this.#askLog(counts);
            await run.between?.();
          }
        }
      } finally {
        // What was done stands, however the run ended.
        await this.#askLog(counts).finally(() => this.#count(counts));
      }
      if (!dryRun) await records.add(counts, { endedAtUs: this.#options.clock.nowUs(), whole, forgot: job === "forget" });
    }
    return this.#findings.report(dryRun);
  }

  async #point(tier: ForgettingTier, key: PointKey, counts: TierFindings): Promise<void> {
    const { tiers, clock, logger, metrics } = this.#options;
    const { job, request, run } = this.#parts;
    const { signal, restShare = 0 } = run;
    const work = new PointWork({
      tiers, clock, logger, counts, comparer: this.#comparer, findings: this.#findings, isErased: this.#isErased,
      pace: async (workedMs, dayStartUs) => {
        this.#tell(`${tier} ${key.client} ${dayText(dayStartUs)}`);
        if (restShare > 0) await systemSleep(workedMs * restShare, signal);
      },
      tell: (what) => metrics.counter(what === "verified" ? "caudal_tier_verified_days_total" : "caudal_tier_forgotten_days_total").inc({ tier }),
    });
    const span = this.#span(tier);
    const task = { tier, key, signal, repair: job !== "verify" && request.dryRun !== true, span };
    if (job !== "forget") await work.verify(task);
    else if (span.fromUs < span.toUs) await work.forget(task);
    this.#done += 1;
    this.#tell();
  }

  #tell(note?: string): void {
    this.#parts.run.progress({ done: this.#done, total: this.#total, unit: "points", ...(note === undefined ? {} : { note }) });
  }

  #span(tier: ForgettingTier): Span {
    const { job, request: { fromUs = -Infinity, toUs = Infinity } } = this.#parts;
    const untilUs = job === "forget" ? Math.min(this.#dueUs(tier) ?? -Infinity, toUs === Infinity ? Infinity : dayStart(toUs)) : toUs === Infinity ? Infinity : dayStart(toUs - 1) + DAY_US;
    // Days go in order, so forgetting begins where the tier begins.
    return { fromUs: job === "forget" || fromUs === -Infinity ? -Infinity : dayStart(fromUs), toUs: untilUs };
  }

  /** Days that end by then are past the tier's retention; undefined where it keeps for ever. */
  #dueUs(tier: ForgettingTier): number | undefined {
    const { retentionMs } = this.#options.tiers[tier].capabilities;
    return retentionMs === null ? undefined : dayStart(this.#nowUs - retentionMs * 1000);
  }

  async #askLog(counts: TierFindings): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    if (suspects.length === 0) return;
    const said = await askLog(this.#options, suspects, this.#parts.run.signal);
    for (const [i, suspect] of suspects.entries()) {
      const testimony = said[i]!;
      if (testimony === "in-log") continue;
      counts.unconfirmed += 1;
      const told = this.#findings.unconfirmed(suspect, testimony);
      if (counts.unconfirmed <= LOGGED) this.#options.logger.warn("tiers.unconfirmed", { ...told });
    }
  }

  #count({ tier, differences, unconfirmed, held }: TierFindings): void {
    const { metrics } = this.#options;
    metrics.counter("caudal_tier_mismatches_total").inc({ tier }, differences);
    metrics.counter("caudal_tier_unconfirmed_facts_total").inc({ tier }, unconfirmed);
    if (this.#parts.job === "forget" && this.#parts.request.dryRun !== true) metrics.gauge("caudal_tier_held_points").set({ tier }, held);
  }
}

