import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type PackResult, type PointKey, type SeriesTier } from "@caudal/core";
import type { Clock, Logger, Metrics } from "@caudal/runtime";
import { DAY_US, dayStart, dayText } from "./days.ts";
import type { Tiers } from "./pairs.ts";

/** How far a point's settled days are packed. Document id: the point. */
export interface PackedPoint {
  readonly client: string;
  readonly point: string;
  /** Days below were packed once; what came for them later waits for the next whole look. */
  readonly belowUs: number;
  /** When all of the point's days were last looked at. */
  readonly wholeAtUs: number;
  /** Times that a day was packed. */
  readonly days: number;
}

/** What packing came to. */
export interface PackReport {
  readonly dryRun: boolean;
  points: number;
  /** Point-days that were packed, or would be. */
  days: number;
  /** Facts that lay loose and are packed now, each revision one. */
  facts: number;
  /** Facts that stay loose: too many for one day, or they came meanwhile. */
  left: number;
  bytesBefore: number;
  bytesAfter: number;
  /** Point-days whose packed part cannot be read; they stay as they are. */
  damaged: number;
}

export interface DayPackingOptions {
  readonly tiers: Tiers;
  readonly records: PackRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly isErased: (client: string) => Promise<boolean>;
  /** Waits after work that took so many milliseconds, and says how far it is. */
  readonly pace: (workedMs: number, dayStartUs: number) => Promise<void>;
  readonly signal: AbortSignal;
}

const collectionSpec: CollectionSpec = { name: "packed-points", tenant: true };
/** Late facts lie loose for that long at most. */
const WHOLE_EVERY_US = 30 * DAY_US;
/** A day is packed when it has been over for two days, as the port has it, however early warm lets go. */
const SETTLED_AFTER_US = 2 * DAY_US;

export class PackRecords {
  readonly #records: DocumentCollection<PackedPoint>;

  private constructor(records: DocumentCollection<PackedPoint>) {
    this.#records = records;
  }

  static async open(documents: Documents): Promise<PackRecords> {
    return new PackRecords(await documents.collection<PackedPoint>(collectionSpec));
  }

  async of(keys: readonly PointKey[]): Promise<ReadonlyMap<string, PackedPoint>> {
    const found = await this.#records.getMany(systemScope, keys.map(({ point }) => point));
    return new Map(found.map(({ id, body }) => [id, body]));
  }

  /** Whoever writes last is right enough: what it says too little is looked at again. */
  async put(record: PackedPoint): Promise<void> {
    await this.#records.putMany(systemScope, [{ id: record.point, body: record }]);
  }
}

/** Packs days of points in cold once warm has let go of them, in time order, and folds in what came late every thirty days. */
export class DayPacking {
  readonly #options: DayPackingOptions;
  readonly report: PackReport;

  constructor(options: DayPackingOptions, dryRun: boolean) {
    this.#options = options;
    this.report = { dryRun, points: 0, days: 0, facts: 0, left: 0, bytesBefore: 0, bytesAfter: 0, damaged: 0 };
  }

  /** The days of a point that are due; each may be done twice, by whomever. `whole`: also those that were packed before. */
  async point(key: PointKey, { record, whole }: { readonly record: PackedPoint | undefined; readonly whole: boolean }): Promise<void> {
    const { tiers: { warm, cold }, records, clock, isErased, pace, signal } = this.#options;
    const { report } = this;
    report.points += 1;
    const nowUs = clock.nowUs();
    const belowUs = dueBelow(await warm.floor(systemScope, key), nowUs);
    const isWhole = whole || record === undefined || nowUs - record.wholeAtUs >= WHOLE_EVERY_US;
    if (!packs(cold) || belowUs === undefined || (!isWhole && record.belowUs >= belowUs)) return;
    let days = 0;
    let cursorUs = isWhole ? -Infinity : record.belowUs;
    for (;;) {
      signal.throwIfAborted();
      const dayStartUs = await cold.unpackedDay(key, cursorUs, belowUs);
      // What is being removed must not be written anew.
      if (await isErased(key.client)) return;
      if (dayStartUs === undefined) break;
      const beganMs = clock.monotonicMs();
      if (report.dryRun) report.days += 1;
      else if (await this.#day(cold, key, dayStartUs)) days += 1;
      cursorUs = dayStartUs + DAY_US;
      await pace(clock.monotonicMs() - beganMs, dayStartUs);
    }
    if (report.dryRun) return;
    await records.put({ ...key, belowUs: Math.max(belowUs, record?.belowUs ?? -Infinity), wholeAtUs: isWhole ? nowUs : record.wholeAtUs, days: (record?.days ?? 0) + days });
  }

  async #day(cold: PackingTier, key: PointKey, dayStartUs: number): Promise<boolean> {
    const { logger, metrics } = this.#options;
    const { report } = this;
    let result: PackResult;
    try {
      result = await cold.pack(key, dayStartUs);
    } catch (error) {
      if (!hasCode(error, "corrupt")) throw error;
      report.damaged += 1;
      logger.error("tiers.packed-day-damaged", { tier: cold.name, client: key.client, point: key.point, day: dayText(dayStartUs), error });
      return false;
    }
    if (result.facts === 0 && result.left > 0) logger.warn("tiers.day-left-loose", { tier: cold.name, client: key.client, point: key.point, day: dayText(dayStartUs), facts: result.left });
    for (const count of ["facts", "left", "bytesBefore", "bytesAfter"] as const) report[count] += result[count];
    if (result.facts === 0) return false;
    report.days += 1;
    metrics.counter("caudal_tier_packed_days_total").inc({ tier: cold.name });
    metrics.counter("caudal_tier_packed_facts_total").inc({ tier: cold.name }, result.facts);
    return true;
  }
}

export interface PackStanding {
  /** Times that a day was packed, of the points looked at. */
  readonly packed: number;
  /** Point-days under warm's floor that have yet to be packed. */
  readonly due: number;
}

/** How far some points are; null where cold does not pack. */
export async function packStanding({ warm, cold }: Tiers, records: PackRecords, keys: readonly PointKey[], nowUs: number): Promise<PackStanding | null> {
  if (!packs(cold)) return null;
  const known = await records.of(keys);
  const all = await Promise.all(keys.map(async (key) => {
    const record = known.get(key.point);
    const belowUs = dueBelow(await warm.floor(systemScope, key), nowUs);
    if (belowUs === undefined || (record !== undefined && record.belowUs >= belowUs)) return { packed: record?.days ?? 0, due: 0 };
    const fromUs = await cold.unpackedDay(key, record?.belowUs ?? -Infinity, belowUs);
    return { packed: record?.days ?? 0, due: fromUs === undefined ? 0 : (belowUs - fromUs) / DAY_US };
  }));
  return { packed: all.reduce((sum, { packed }) => sum + packed, 0), due: all.reduce((sum, { due }) => sum + due, 0) };
}

type PackingTier = SeriesTier & Required<Pick<SeriesTier, "pack" | "unpackedDay">>;

function packs(tier: SeriesTier): tier is PackingTier {
  return tier.pack !== undefined && tier.unpackedDay !== undefined;
}

/** End of the days that may be packed; undefined while warm has let go of none. */
function dueBelow(warmFloorUs: number | undefined, nowUs: number): number | undefined {
  if (warmFloorUs === undefined || !Number.isFinite(warmFloorUs)) return undefined;
  return Math.min(dayStart(warmFloorUs), dayStart(nowUs - SETTLED_AFTER_US));
}
