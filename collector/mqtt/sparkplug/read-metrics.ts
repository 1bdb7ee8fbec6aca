import { newestTimeUs, refused, type DecodeContext, type Parsed, type Refusal, type RowOutcome } from "../../decode/decoded.ts";
import { MAX_LABELS, MAX_SAMPLES } from "../../decode/limits.ts";
import { RowReader } from "../../decode/object-reader.ts";
import { readSourceTime } from "../../decode/source-time.ts";
import type { BornMetric, InForce } from "./births.ts";
import { metricValue, saysItself } from "./metric-value.ts";
import type { Metric, Payload } from "./payload.ts";

export const SPARKPLUG_TYPE = "application/x-sparkplug-b";

interface MetricsToRead {
  readonly raw: Uint8Array;
  readonly payload: Payload;
  /** Undefined: no birth is known. */
  readonly births: InForce | undefined;
  readonly context: DecodeContext;
  /** Beside what the metrics say. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Rows of one message, or the metric that no birth explains. */
type ReadMetrics = { readonly kind: "rows"; readonly rows: readonly RowOutcome[] } | { readonly kind: "unborn"; readonly what: string };

const CONTROLS = /^(?:bdSeq$|(?:Node|Device) Control\/)/;
/** Smaller numbers would be taken for seconds; nodes count milliseconds. */
const FIRST_MS = 1e11;
const GOOD = 192;
const KEPT_LABELS = 8;

/** True for metrics that steer a node and measure nothing. */
function isControl(name: string): boolean {
  return CONTROLS.test(name);
}

/**
 * Reads the metrics of a birth or of data into rows of samples; backfilled ones stand in rows of their own with the label `is_historical`. Metrics
 * that cannot be used are refused together and cost the others nothing.
 */
export function readMetrics({ raw, payload, births, context, labels = {} }: MetricsToRead): ReadMetrics {
  const rows = { live: new Rows(raw, context, labels), historical: new Rows(raw, context, { ...labels, is_historical: "true" }) };
  const refusals: Refusal[] = [];
  for (const metric of payload.metrics) {
    const explained = explain(metric, births);
    if (explained === undefined) return { kind: "unborn", what: metric.name ?? `alias ${metric.alias ?? "?"}` };
    if (!explained.ok) refusals.push(explained.refusal);
    else if (!isControl(explained.value.name)) {
      const taken = (metric.isHistorical ? rows.historical : rows.live).take(metric, explained.value, timeOf(metric, payload, context));
      if (!taken.ok) refusals.push(taken.refusal);
    }
  }
  const outcomes = [...rows.live.done(), ...rows.historical.done()];
  const [first] = refusals;
  return { kind: "rows", rows: first === undefined ? outcomes : [...outcomes, { kind: "park", raw, contentType: SPARKPLUG_TYPE, device: null, refusal: { ...first, detail: `${refusals.length} of ${payload.metrics.length} metrics: ${first.detail}` } }] };
}

/** Name and type of a metric; undefined where only a birth could tell. */
function explain(metric: Metric, births: InForce | undefined): Parsed<BornMetric> | undefined {
  const known = metric.alias !== undefined ? births?.byAlias.get(metric.alias) : metric.name === undefined ? undefined : births?.byName.get(metric.name);
  const name = metric.name ?? known?.name;
  if (name === undefined) return metric.alias === undefined ? refused("malformed-binary", "a metric has neither name nor alias") : undefined;
  if (known !== undefined && known.name !== name) return refused("wrong-type", `alias ${metric.alias} was born as ${known.name} and calls itself ${name}`, name);
  const datatype = metric.datatype ?? known?.datatype ?? null;
  if (datatype === null && !metric.isNull && !saysItself(metric.value)) return metric.value === undefined ? refused("malformed-binary", "a metric has no value and does not say so", name) : undefined;
  if (known?.datatype !== undefined && known.datatype !== null && known.datatype !== datatype) return refused("wrong-type", `born with data type ${known.datatype}, sent with ${datatype}`, name);
  return { ok: true, value: { name, alias: metric.alias ?? null, datatype, unit: metric.unit ?? known?.unit ?? null } };
}

function timeOf(metric: Metric, payload: Payload, context: DecodeContext): Parsed<number | null> {
  const timeMs = metric.timestampMs ?? payload.timestampMs;
  if (timeMs === undefined) return { ok: true, value: null };
  if (timeMs < FIRST_MS) return refused("implausible-time", `${timeMs} ms after 1970: the node's clock was never set`, "timestamp");
  return readSourceTime(timeMs, "timestamp", "", context);
}

/** Rows of one message, a new one when the last is full. */
class Rows {
  readonly #raw: Uint8Array;
  readonly #context: DecodeContext;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #done: RowOutcome[] = [];
  #reader: RowReader | undefined;
  #samples = 0;
  #texts = 0;
  #leftOut = 0;

  constructor(raw: Uint8Array, context: DecodeContext, labels: Readonly<Record<string, string>>) {
    this.#raw = raw;
    this.#context = context;
    this.#labels = labels;
  }

  take(metric: Metric, { name, datatype, unit }: BornMetric, time: Parsed<number | null>): Parsed<null> {
    if (!time.ok) return time;
    if (!metric.isNull && metric.value === undefined) return refused("malformed-binary", "a metric has no value and does not say so", name);
    const read = metric.isNull || metric.value === undefined ? { ok: true as const, value: { is: "value" as const, value: null } } : metricValue(metric.value, datatype ?? undefined, name);
    if (!read.ok) return read;
    if (metric.quality !== undefined && metric.quality !== GOOD) this.#label(`quality.${name}`, String(metric.quality));
    if (read.value.is === "text" && !isNumber(read.value.text)) {
      this.#label(name, read.value.text);
      return { ok: true, value: null };
    }
    if (this.#samples === MAX_SAMPLES) this.#close();
    const taken = this.#open().take(name, read.value.is === "text" ? read.value.text : read.value.value, { field: name, timeUs: time.value, unit });
    if (taken.ok) this.#samples += 1;
    return taken;
  }

  done(): readonly RowOutcome[] {
    if (this.#reader !== undefined) this.#close();
    return this.#done;
  }

  #open(): RowReader {
    if (this.#reader !== undefined) return this.#reader;
    this.#reader = new RowReader(this.#context);
    for (const [name, text] of Object.entries(this.#labels)) this.#reader.labels.set(name, text);
    return this.#reader;
  }

  /** Texts beyond what a reading may have are counted; the raw bytes keep them all. */
  #label(name: string, text: string): void {
    if (this.#texts >= MAX_LABELS - KEPT_LABELS) this.#open().labels.set("labels_left_out", String(++this.#leftOut));
    else {
      this.#texts += 1;
      this.#open().labels.set(name, text);
    }
  }

  #close(): void {
    const content = this.#reader?.done(null);
    this.#reader = undefined;
    this.#samples = 0;
    this.#texts = 0;
    if (content === undefined) return;
    const [raw, contentType] = [this.#raw, SPARKPLUG_TYPE];
    this.#done.push(content.ok ? { kind: "reading", raw, contentType, ...content.value, observedAtUs: newestTimeUs(content.value.samples) } : { kind: "park", raw, contentType, device: null, refusal: content.refusal });
  }
}

/** A text that writes a number is kept as the source wrote it, as everywhere. */
function isNumber(text: string): boolean {
  return /^[+-]?\d+(?:[.,]\d+)?$/.test(text.trim());
}
