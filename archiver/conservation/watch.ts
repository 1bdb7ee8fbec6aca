import { erasureCollection, groups, pointCollection, systemScope, topics, type Documents, type EventLog, type ErasureRecord, type PointRecord, type StoredDocument, type TierName } from "@caudal/core";
import { disagreements, handoverDifferences, notedErasures, noteErasure, readLines, settleWithin, type Clock, type Component, type FindingBody, type Findings, type HealthCheck, type LineBody, type Logger, type Metrics, type NotedErasure, type Residual } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { Tiers } from "../tiers/pairs.ts";
import { recentFacts, type RecentPoint } from "./recent-facts.ts";
import { RecentPointsCheck } from "./recent-points-check.ts";

export interface ConservationWatchOptions {
  readonly tiers: Tiers;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly findings: Findings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Partitions of caudal.measurements that this process looks at. */
  readonly owned: () => readonly number[];
  /** Milliseconds between rounds; 5 s when absent. */
  readonly everyMs?: number;
  /** Milliseconds that a tier that is behind is waited for; see RecentPointsCheck. */
  readonly waitMs?: number;
}

export interface ConservationWatch extends Component {
  /** Degraded while there are residuals that nobody has looked at; keeps no process out of service. */
  health(): HealthCheck;
  /** A look at everything, now; for whoever holds the clock. */
  round(): Promise<void>;
}

const EVERY_MS = 5000;
/** Records behind the end that are looked at for points. */
const RECORDS = 256;
const POINTS_A_ROUND = 8;
const MOST_REMEMBERED = 4096;
/** A tier that is further behind is not compared with the others. */
const MOST_BEHIND = 10_000;

const tierGroups: readonly (readonly [TierName, string])[] = [["hot", groups.hot], ["warm", groups.warm], ["cold", groups.cold]];

/**
 * Compares what groups say of the records that they share, and what tiers hold of the points that were written last: some points a round, those first
 * that were not looked at for longest. Only partitions whose cold tier is written here are looked at, so that a fleet looks once.
 */
export function createConservationWatch(options: ConservationWatchOptions): ConservationWatch {
  const { log, codec, documents, findings, clock, logger, metrics, owned, everyMs = EVERY_MS } = options;
  const check = new RecentPointsCheck(options);
  const compared = metrics.counter("caudal_conservation_compared_points_total");
  const rounds = metrics.counter("caudal_conservation_rounds_total");
  const inFlight = metrics.gauge("caudal_conservation_in_flight_records");
  const residualFacts = metrics.gauge("caudal_conservation_residual_facts");
  const lookedMs = new Map<string, number>();
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let before: readonly LineBody[] = [];
  let open: readonly StoredDocument<FindingBody>[] = [];

  async function round(): Promise<void> {
    const mine = new Set(owned());
    const all = await readLines(documents);
    const lines = all.filter(({ partition }) => mine.has(partition));
    for (const residual of disagreements(lines)) await findings.report(residual);
    // What was handed over a round ago was taken in by now, unless somebody is behind.
    for (const residual of handoverDifferences([...lines, ...before], all)) await findings.report(residual);
    before = lines;
    await findings.save();
    open = await findings.open();
    await showFigures(lines);
    await comparePoints(mine, lines);
    rounds.inc({});
  }

  async function showFigures(lines: readonly LineBody[]): Promise<void> {
    const ends = new Map(await Promise.all([...new Set(lines.map(({ topic }) => topic))].map(async (topic) => [topic, await log.bounds(topic)] as const)));
    for (const [group, own] of Map.groupBy(lines, (line) => line.group)) {
      inFlight.set({ group }, own.reduce((sum, { topic, partition, offset }) => sum + Math.max(0, (ends.get(topic)?.[partition]?.endOffset ?? offset) - offset), 0));
      residualFacts.set({ group }, open.reduce((sum, { body }) => (body.group === group ? sum + Math.abs(body.missing) : sum), 0));
    }
  }

  async function comparePoints(mine: ReadonlySet<number>, lines: readonly LineBody[]): Promise<void> {
    const positions = await Promise.all(tierGroups.map(async ([tier, group]) => ({ tier, lag: await log.lag(topics.measurements, group) })));
    const partitions = positions[0]?.lag.length ?? 0;
    const erasures = await erasuresNow();
    const sinceUs = (client: string): number => erasures.get(client)?.beforeUs ?? -Infinity;
    const candidates: { readonly point: RecentPoint; readonly reach: readonly TierName[] }[] = [];
    for (const partition of mine) {
      const near = positions.filter(({ lag }) => (lag[partition]?.lag ?? Infinity) <= MOST_BEHIND);
      const belowOffset = Math.min(...near.map(({ lag }) => lag[partition]!.committedOffset));
      if (!Number.isFinite(belowOffset)) continue;
      // What was handled before a ledger began is nobody's word.
      const began = Math.max(0, ...lines.filter(({ topic, partition: number }) => topic === topics.measurements && number === partition).map((line) => (line as { beganOffset?: number }).beganOffset ?? 0));
      const fromOffset = Math.max(began, belowOffset - RECORDS);
      for (const point of await recentFacts({ log, codec, partitions, sinceUs }, { partition, fromOffset, belowOffset })) candidates.push({ point, reach: near.map(({ tier }) => tier) });
    }
    candidates.sort((a, b) => (lookedMs.get(a.point.point) ?? -Infinity) - (lookedMs.get(b.point.point) ?? -Infinity));
    for (const { point, reach } of candidates.slice(0, POINTS_A_ROUND)) {
      if (ended.signal.aborted) return;
      remember(point.point);
      await compare(point, reach, lines);
    }
  }

  async function compare(point: RecentPoint, reach: readonly TierName[], lines: readonly LineBody[]): Promise<void> {
    const residuals = await check.check(point, reach, ended.signal);
    const told = residuals.length === 0 ? [] : (await isBeingErased(point)) ? [] : residuals.filter((residual) => !wasRejected(residual, lines));
    compared.inc({ outcome: told.length === 0 ? "equal" : "different" });
    for (const residual of told) await findings.report(residual);
  }

  /** Those that are under way or were, and those that stand: these are noted, for when they are lifted. */
  async function erasuresNow(): Promise<ReadonlyMap<string, NotedErasure>> {
    const nowUs = clock.nowUs();
    const noted = new Map(await notedErasures(documents, nowUs));
    const standing = await (await documents.collection<ErasureRecord>(erasureCollection)).find(systemScope, { limit: 1000 });
    for (const { id: client } of standing.items) {
      if (!noted.has(client)) await (await noteErasure(documents, client, nowUs)).ended(nowUs);
      noted.set(client, { isOver: false, beforeUs: Infinity });
    }
    return noted;
  }

  /** A client that goes, goes from one tier after the other. */
  async function isBeingErased({ client, point }: RecentPoint): Promise<boolean> {
    if ((await erasuresNow()).get(client)?.isOver === false) return true;
    const points = await documents.collection<PointRecord>(pointCollection);
    return (await points.get(systemScope, point)) === undefined;
  }

  function remember(point: string): void {
    lookedMs.delete(point);
    lookedMs.set(point, clock.monotonicMs());
    if (lookedMs.size <= MOST_REMEMBERED) return;
    const oldest = lookedMs.keys().next();
    if (oldest.done !== true) lookedMs.delete(oldest.value);
  }

  function again(): void {
    running ??= round()
      .catch((error: unknown) => void (ended.signal.aborted || logger.warn("conservation.round-failed", { error })))
      .finally(() => (running = undefined));
  }

  return {
    name: "conservation",
    round,
    health: () => (open.length === 0 ? { status: "ok" } : { status: "degraded", detail: `${open.length} residuals, the newest: ${open[0]?.body.detail ?? ""}` }),
    start: async () => {
      timer = setInterval(again, everyMs);
    },
    stop: async (deadlineMs) => {
      clearInterval(timer);
      ended.abort();
      await settleWithin(async () => running, deadlineMs);
    },
  };
}

/** What the store refused for good is parked by its group: it is not lost. */
function wasRejected({ group, partition, missing }: Residual, lines: readonly LineBody[]): boolean {
  const line = lines.find((each) => each.group === group && each.partition === partition);
  return (line?.tally.out["parked rejected-by-store"] ?? 0) >= missing;
}
