import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { settleWithin } from "../lifecycle/settle-within.ts";
import { metricRows, type CounterName, type GaugeName, type HistogramName, type LabelsOf, type MetricRow } from "./rows.ts";

export interface CounterOf<N extends CounterName> {
  inc(labels: LabelsOf<N>, by?: number): void;
}
export interface GaugeOf<N extends GaugeName> {
  set(labels: LabelsOf<N>, value: number): void;
  inc(labels: LabelsOf<N>, by?: number): void;
  dec(labels: LabelsOf<N>, by?: number): void;
  /** Forgets one set of labels: what is gone must not go on being shown. */
  remove(labels: LabelsOf<N>): void;
}
export interface HistogramOf<N extends HistogramName> {
  observe(labels: LabelsOf<N>, value: number): void;
}

/** The metrics of one process. Names and labels are those of `metricRows`; there are no others. */
export interface Metrics {
  counter<N extends CounterName>(name: N): CounterOf<N>;
  gauge<N extends GaugeName>(name: N): GaugeOf<N>;
  histogram<N extends HistogramName>(name: N): HistogramOf<N>;
  /** `refresh` runs before each exposition, at most a second; the function returned ends that. */
  beforeScrape(refresh: () => Promise<void> | void): () => void;
  /** Sum of a counter or gauge over the label sets that match; 0 when there are none. */
  sum(name: CounterName | GaugeName, where?: Readonly<Record<string, string>>): Promise<number>;
  /** Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const REFRESH_MS = 1000;

export interface MetricsOptions {
  /** Memory, CPU, event loop and garbage collection of the process; true when absent. */
  readonly process?: boolean;
}

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  const made = new Map<string, Counter | Gauge | Histogram>();
  for (const row of metricRows as readonly MetricRow[]) made.set(row.name, make(row, registry));
  const refreshers = new Set<() => Promise<void> | void>();

  let refreshing: Promise<void> | undefined;

  // Whoever asks while it is under way shares it: a status sums several metrics at once.
  function refresh(): Promise<void> {
    refreshing ??= Promise.all([...refreshers].map((refresher) => settleWithin(refresher, REFRESH_MS))).then(() => void (refreshing = undefined));
    return refreshing;
  }

  return {
    counter: <N extends CounterName>(name: N): CounterOf<N> => {
      const counter = made.get(name) as Counter;
      return { inc: (labels, by = 1) => (by > 0 ? counter.inc(labels, by) : undefined) };
    },
    gauge: <N extends GaugeName>(name: N): GaugeOf<N> => {
      const gauge = made.get(name) as Gauge;
      return {
        set: (labels, value) => gauge.set(labels, value),
        inc: (labels, by = 1) => gauge.inc(labels, by),
        dec: (labels, by = 1) => gauge.dec(labels, by),
        remove: (labels) => gauge.remove(labels),
      };
    },
    histogram: <N extends HistogramName>(name: N): HistogramOf<N> => {
      const histogram = made.get(name) as Histogram;
      return { observe: (labels, value) => histogram.observe(labels, value) };
    },
    beforeScrape: (refresher) => {
      refreshers.add(refresher);
      return () => void refreshers.delete(refresher);
    },
    sum: async (name, where = {}) => {
      await refresh();
      const { values } = await (made.get(name) as Counter | Gauge).get();
      const wanted = Object.entries(where);
      return values
        .filter(({ labels }) => wanted.every(([key, value]) => String((labels as Record<string, string | number>)[key]) === value))
        .reduce((total, { value }) => total + value, 0);
    },
    text: async () => {
      await refresh();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function make(row: MetricRow, registry: Registry): Counter | Gauge | Histogram {
  const common = { name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] };
  if (row.kind === "counter") return new Counter(common);
  if (row.kind === "gauge") return new Gauge(common);
  return new Histogram({ ...common, ...(row.buckets === undefined ? {} : { buckets: [...row.buckets] }) });
}
