import { arrayElement, oneMessage, rowValues } from "./message.ts";
import type { Labels, Row } from "./message.ts";
import { PACE_MS } from "./pace.ts";
import type { PaceLevel } from "./pace.ts";
import { countDue, dueMs, realigned, roundOf, sampleMs, withinMemory } from "./schedule.ts";
import type { Placement } from "./schedule.ts";
import type { Series } from "./series.ts";

const ROWS_A_MESSAGE = 500;
const FIRST_ROWS = 20;
const BYTES_A_MESSAGE = 256 * 1024;

/** The whole labels go out with the first message of a run and then with every so-manieth; the marker with each. */
const CREDIT_EVERY_MESSAGES = 600;

/** A message and the rows, from the placement's position on, that it stands for. */
export interface Outgoing {
  /** Null when the rows hold no value at all: nothing is sent and the position moves on. */
  readonly payload: string | null;
  readonly rows: number;
}

/** One device while it plays: where it stands, and what it would send now. */
export class Track {
  readonly series: Series;
  readonly topic: string;
  readonly #labels: Labels;
  placement: Placement;
  /** Offset that the state file holds; rows are sent under that one only, so a repeat carries the same times. */
  storedOffsetMs: number | null = null;
  inFlight = false;
  #messages = 0;
  #slowed = false;
  #lastSentMs = -Infinity;

  constructor(series: Series, placement: Placement, topic: string, labels: Labels) {
    this.series = series;
    this.placement = placement;
    this.topic = topic;
    this.#labels = labels;
  }

  /** Rows to send at `nowMs`; moves the placement where the pace or a logger's memory asks for it. */
  due(nowMs: number, pace: PaceLevel): number {
    if (this.series.entry.time === "compressed" && pace !== "full") return this.#dueSlowed(nowMs, pace);
    if (this.#slowed) {
      this.#slowed = false;
      this.placement = realigned(this.series, this.placement, Math.ceil(nowMs / 1000) * 1000);
    }
    this.placement = withinMemory(this.series, this.placement, nowMs);
    return countDue(this.series, this.placement, nowMs);
  }

  /** When the next row is due, ms UTC. */
  nextDueMs(): number {
    return dueMs(this.series, this.placement, this.placement.next);
  }

  /** The next message of at most `due` rows: the device's own style for one row, an array for several. */
  compose(due: number): Outgoing {
    const labels = this.#nextLabels();
    if (due === 1) return { payload: oneMessage(this.series.entry, this.#row(this.placement.next), labels), rows: 1 };
    const most = Math.min(due, this.placement.next === 0 ? FIRST_ROWS : ROWS_A_MESSAGE);
    const elements: string[] = [];
    let rows = 0;
    for (let bytes = 0; rows < most && bytes < BYTES_A_MESSAGE; rows += 1) {
      const tags = elements.length === 0 ? labels : this.#marker();
      const element = arrayElement(this.series.entry, this.#row(this.placement.next + rows), tags);
      if (element === null) continue;
      elements.push(element);
      bytes += element.length;
    }
    return { payload: elements.length === 0 ? null : `[${elements.join(",")}]`, rows };
  }

  /** The broker has acknowledged the rows. */
  acknowledge(rows: number, nowMs: number): void {
    this.placement = { ...this.placement, next: this.placement.next + rows };
    this.#lastSentMs = nowMs;
  }

  #dueSlowed(nowMs: number, pace: PaceLevel): number {
    this.#slowed = true;
    if (nowMs - this.#lastSentMs < PACE_MS[pace]) return 0;
    if (pace === "stopped") return 0;
    this.placement = realigned(this.series, this.placement, Math.floor(nowMs / 1000) * 1000);
    return 1;
  }

  #row(n: number): Row {
    const { series, placement } = this;
    const raw = series.values(n % series.timesMs.length);
    return { timeMs: sampleMs(series, placement, n), values: rowValues(raw, series.growth, roundOf(series, n)) };
  }

  #nextLabels(): Labels {
    const whole = this.#messages % CREDIT_EVERY_MESSAGES === 0 || this.#marker() === null;
    this.#messages += 1;
    return whole ? this.#labels : (this.#marker() ?? this.#labels);
  }

  #marker(): Labels | null {
    const time = this.#labels["time"];
    return time === undefined ? null : { time };
  }
}
