import { topics, type SeriesTier } from "@caudal/core";
import { BucketSource } from "./history/bucket-source.ts";
import { History, type HistoryOptions } from "./history/history.ts";
import { LatestValues } from "./latest/latest-values.ts";
import { LiveClients } from "./live/live-clients.ts";
import { LiveTail } from "./live/live-tail.ts";
import { PeriodBook } from "./points/periods.ts";
import { PointDirectory } from "./points/point-directory.ts";
import type { AnalyticsOptions } from "./options.ts";
import { Marker } from "./rollups/marker.ts";
import { MarkStore } from "./rollups/mark-store.ts";
import { RevisionTeller } from "./rollups/revision-teller.ts";
import { RollupStore } from "./rollups/rollup-store.ts";
import { RollupView } from "./rollups/rollup-view.ts";
import { RollupScheduler } from "./rollups/scheduler.ts";
import { AwayTiers } from "./tiers/away-tiers.ts";
import { AsOfSeries } from "./tiers/as-of-series.ts";
import { PointSeries, type RowSeries } from "./tiers/point-series.ts";
import { TierPositions } from "./tiers/positions.ts";

/** Everything that the service is made of. */
export interface Parts {
  readonly directory: PointDirectory;
  readonly series: PointSeries;
  /** What was known at an instant. */
  readonly seriesAsOf: (asOfUs: number) => RowSeries;
  readonly cold: SeriesTier;
  readonly history: History;
  readonly latest: LatestValues;
  readonly tail: LiveTail;
  readonly clients: LiveClients;
  readonly marker: Marker;
  readonly markStore: MarkStore;
  readonly rollups: RollupStore;
  readonly scheduler: RollupScheduler;
  readonly teller: RevisionTeller;
}

/** Puts the service together; opens collections and starts nothing. */
export async function openParts(options: AnalyticsOptions): Promise<Parts> {
  const { log, codec, documents, hot, warm, cold, clock, logger, metrics, settings } = options;
  const tiers = { hot, warm, cold };
  const [directory, rollups, markStore] = await Promise.all([PointDirectory.open(documents, clock), RollupStore.open(documents), MarkStore.open(documents)]);

  let count: Promise<number> | undefined;
  const partitions = (): Promise<number> => (count ??= log.bounds(topics.measurements).then((bounds) => bounds.length, (error: unknown) => {
    count = undefined;
    throw error;
  }));
  const positions = new TierPositions(log, clock, logger);
  const away = new AwayTiers(clock, logger);
  const series = new PointSeries({ tiers, positions, partitions, away });
  const read = series.read.bind(series);
  const latest = new LatestValues({ tiers, positions, partitions, away });

  const stored = metrics.counter("caudal_rollup_buckets_total");
  const teller = new RevisionTeller({ live: options.live, logger, metrics });
  const marker: Marker = new Marker({ log, codec, store: markStore, logger, onMarked: (touches) => scheduler.touched(touches) });
  const scheduler = new RollupScheduler({
    log, clock, logger, cold, store: rollups, everyMs: settings.rollupEveryMs, delayMs: settings.rollupDelayMs,
    owned: () => marker.owned(), onRevised: (buckets) => void teller.tell(buckets), onStored: ({ name }, buckets) => stored.inc({ resolution: name }, buckets),
  });
  const view = new RollupView({ store: markStore, positions, partitions, owned: () => marker.owned() });
  const seriesAsOf = (asOfUs: number): RowSeries => new AsOfSeries({ cold, positions, partitions }, asOfUs);
  const asOf = (asOfUs: number): Pick<HistoryOptions, "series" | "buckets"> => {
    const then = seriesAsOf(asOfUs);
    return { series: then, buckets: new BucketSource({ read: then.read.bind(then), store: rollups, view }) };
  };
  const history = new History({
    series, asOf, buckets: new BucketSource({ read, store: rollups, view }), periods: new PeriodBook(read, clock),
    latest: (scope, key) => latest.all(scope, key), clock,
  });

  const tail = new LiveTail({ log, codec, directory, clock, logger });
  return { directory, series, seriesAsOf, cold, history, latest, tail, clients: new LiveClients(tail, settings.liveClients, metrics), marker, markStore, rollups, scheduler, teller };
}
