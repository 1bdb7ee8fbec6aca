import { unit, whole } from "../seed/hash.ts";
import type { SandboxDevice, SandboxKey } from "../fleet/device.ts";
import type { QuirkName } from "../quirks/quirks.ts";
import { seenAt, type Range, type Revision, type Row, type SeenRow } from "./row.ts";
import { trueValue, type Sources } from "./value.ts";
import type { WrittenRows } from "./written-rows.ts";

const HOUR_MS = 3_600_000;
const GAP_MS = 3 * HOUR_MS;

export interface Selection extends Range {
  readonly order: "ascending" | "descending";
  /** Whose eyes: rows and revisions that appear later are not there yet. */
  readonly nowMs: number;
}

/** The rows of all devices. Each is made when it is asked for and is the same every time, so that years of them take no memory. */
export class Series {
  readonly #sources: Sources;
  readonly #bornMs: number;
  readonly #written: WrittenRows;

  constructor(sources: Sources, { bornMs, written }: { readonly bornMs: number; readonly written: WrittenRows }) {
    this.#sources = sources;
    this.#bornMs = bornMs;
    this.#written = written;
  }

  /** Rows of one key in a range, as they are seen at an instant. */
  *select(device: SandboxDevice, key: SandboxKey, selection: Selection): Generator<SeenRow> {
    const written = this.#written.of(device, key, selection);
    if (written.length === 0) yield* this.#made(device, key, selection);
    else {
      const sign = selection.order === "ascending" ? 1 : -1;
      yield* [...this.#made(device, key, selection), ...written].sort((a, b) => sign * (a.row.timeUs - b.row.timeUs));
    }
  }

  *#made(device: SandboxDevice, key: SandboxKey, selection: Selection): Generator<SeenRow> {
    for (const row of this.rows(device, key, { ...selection, toMs: Math.min(selection.toMs, selection.nowMs + 1) }, selection.order)) {
      const seen = seenAt(row, selection.nowMs);
      if (seen !== undefined) yield seen;
    }
  }

  /** Rows that the series holds in a range, with all their revisions, seen already or not. */
  *rows(device: SandboxDevice, key: SandboxKey, range: Range, order: Selection["order"] = "ascending"): Generator<Row> {
    const { first, last } = this.slots(device, range);
    for (let step = 0; step <= last - first; step++) {
      const row = this.row(device, key, order === "ascending" ? first + step : last - step);
      if (row !== undefined && row.timeMs >= Math.max(range.fromMs, this.#bornMs) && row.timeMs < range.toMs) yield row;
    }
  }

  /** Numbers of the slots that a range touches; empty when the last is before the first. */
  slots(device: SandboxDevice, { fromMs, toMs }: Range): { readonly first: number; readonly last: number } {
    return { first: Math.floor(Math.max(fromMs, this.#bornMs) / device.everyMs), last: Math.floor((toMs - 1) / device.everyMs) };
  }

  /** Undefined where the device measured nothing. Every row lies within its slot. */
  row(device: SandboxDevice, key: SandboxKey, slot: number): Row | undefined {
    const { seed } = this.#sources;
    const phaseMs = Math.floor((unit(`${seed}/${device.device}/phase`) * device.everyMs) / 2);
    const jitterMs = Math.floor(unit(`${seed}/${device.device}/jitter`, slot) * Math.min(3000, device.everyMs / 10));
    const exactMs = slot * device.everyMs + phaseMs + jitterMs + key.offsetMs;
    const timeMs = device.provider === "wiseconn" ? Math.floor(exactMs / 1000) * 1000 : exactMs;
    if (timeMs < this.#bornMs) return undefined;
    const shareAt = (name: QuirkName): number => this.#sources.switches.share(device.provider, name, timeMs);
    const gaps = shareAt("gaps");
    if (gaps > 0 && unit(`${seed}/${device.device}/gaps`, Math.floor(timeMs / GAP_MS)) < gaps) return undefined;
    const timeUs = timeMs * 1000 + (device.provider === "things-stack" ? whole({ from: 0, to: 999 }, `${seed}/${device.device}/micros`, slot) : 0);
    return { device, key, slot, timeMs, timeUs, ...this.#said({ device, key, slot, timeMs, shareAt }) };
  }

  #said({ device, key, slot, timeMs, shareAt }: { device: SandboxDevice; key: SandboxKey; slot: number; timeMs: number; shareAt: (name: QuirkName) => number }): Pick<Row, "revisions" | "marks"> {
    const marks: QuirkName[] = [];
    const series = `${this.#sources.seed}/${device.device}/${key.key}`;
    // A message of the Things Stack carries all keys, so all of them are late together.
    const ofRow = (name: QuirkName): string => `${name === "late-rows" && device.provider === "things-stack" ? `${this.#sources.seed}/${device.device}` : series}/${name}`;
    const shows = (name: QuirkName): boolean => {
      const share = shareAt(name);
      const shown = share > 0 && unit(ofRow(name), slot) < share;
      if (shown) marks.push(name);
      return shown;
    };
    const arrivesMs = timeMs + (shows("late-rows") ? whole({ from: 600_000, to: 20 * HOUR_MS }, `${ofRow("late-rows")}/by`, slot) : 0);
    const right = trueValue(this.#sources, device, key, timeMs);
    const wrong = oddValue(right, { counts: key.quantity === "pulses" || key.quantity === "total", shows, chance: unit(`${series}/odd`, slot) });
    if (wrong !== undefined || device.provider === "things-stack" || !shows("late-corrections")) return { revisions: [{ value: wrong ?? right, visibleAtMs: arrivesMs }], marks };
    const correctedMs = Math.max(arrivesMs + 60_000, timeMs + whole({ from: HOUR_MS, to: 47 * HOUR_MS }, `${ofRow("late-corrections")}/by`, slot));
    const first: Revision = { value: mistaken(right, unit(`${series}/mistake`, slot)), visibleAtMs: arrivesMs };
    return { revisions: [first, { value: right, visibleAtMs: correctedMs }], marks };
  }
}

/** What a broken sensor or logger says in place of a value; undefined when nothing is odd. */
function oddValue(right: number, { counts, shows, chance }: { readonly counts: boolean; readonly shows: (name: QuirkName) => boolean; readonly chance: number }): number | string | undefined {
  if (shows("nan-text")) return "NaN";
  if (counts && shows("negative-status")) return -1 - Math.floor(chance * 9);
  if (!counts && shows("sentinels")) return chance < 0.5 ? -999 : -3200;
  if (counts && shows("truncated-digits")) return Math.floor(right / 10);
  return undefined;
}

/** A value near the right one, and never the same. */
function mistaken(right: number, chance: number): number {
  return Number.isInteger(right) ? right - 1 - Math.floor(chance * 20) : Math.round((right * (1.02 + 0.08 * chance) + 0.01) * 1000) / 1000;
}
