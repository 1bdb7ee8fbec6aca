import { atStep } from "@caudal/runtime";
import type { AccountDevice } from "../providers/account.ts";
import type { TimedSample, Window } from "../providers/provider.ts";
import type { Calls } from "../outbound/calls.ts";
import { newestMarks } from "./choose-rows.ts";
import { addRows, noRows, publishedRows, type PollOutcome, type RowCounts } from "./outcome.ts";
import type { PollTools } from "./poll-tools.ts";
import { deviceNameOf, readPages, type PagesRead } from "./read-pages.ts";
import { sameValue } from "./same-value.ts";
import { idOf, type Mark } from "./watermarks.ts";

export interface DevicePollOptions {
  readonly tools: PollTools;
  readonly device: AccountDevice;
  /** Between two of its slots, now. */
  readonly periodUs: () => number;
}

export interface FillOptions {
  readonly keys: readonly string[];
  readonly window: Window;
  readonly signal: AbortSignal;
  readonly calls?: Calls;
  readonly publish?: boolean;
  readonly maxSteps?: number;
  /** After each stretch that was read whole. */
  readonly onStep?: (doneUs: number, read: PagesRead) => Promise<void>;
}

export interface Filled {
  /** True when the whole window was read. */
  readonly complete: boolean;
  readonly rows: RowCounts;
  readonly calls: number;
  readonly outcome: PollOutcome;
}

const DAY_US = 86_400_000_000;
/** History is asked for a day at a time: what a crash makes be read again is small, and so is what waits in memory. */
const STEP_US = DAY_US;
const LEAST_STEP_US = 60_000_000;
/** Of one poll. What is left goes on at the next, after the other devices had their turn. */
const MAX_STEPS = 31;
/** Rows further apart than so many periods have a gap between them. */
const GAP_PERIODS = 1.5;
/** A device whose logger turned out to write less often than it is asked is believed up to so many periods. */
const MOST_PERIODS = 10;

/** Asks for one device: its newest, what is missing before that, and what changed in the past. */
export class DevicePoll {
  readonly #options: DevicePollOptions;
  /** The longest silence that history confirmed, a set of keys. */
  readonly #confirmedUs = new Map<string, number>();
  readonly #providerKeys: ReadonlyMap<string, string>;

  constructor(options: DevicePollOptions) {
    this.#options = options;
    const { keys, names } = options.device;
    this.#providerKeys = new Map(keys.map((key) => [names[key] ?? key, key]));
  }

  /** Sets of keys that one call asks for; each fails on its own. */
  chunks(): readonly (readonly string[])[] {
    const { tools: { account }, device: { keys } } = this.#options;
    return account.provider.keysPerCall === "one" && keys.length > 0 ? keys.map((key) => [key]) : [keys];
  }

  /** The newest rows of these keys; what lies between them and the watermark first, where the provider keeps it. */
  async poll(keys: readonly string[], signal: AbortSignal): Promise<{ readonly outcome: PollOutcome; readonly rows: RowCounts }> {
    const { tools, device } = this.#options;
    const { account, clock } = tools;
    if (device.live) return this.#fillSince(keys, signal);
    let filled: Filled | undefined;
    let gapped: ReadonlySet<string> = new Set();
    const read = await readPages({
      tools, device, keys, window: undefined, signal, heard: true,
      before: async (samples) => {
        if (!account.provider.hasHistory || filled !== undefined) return;
        const gap = this.#gapBefore(keys, samples);
        if (gap === undefined) return;
        gapped = gap.keys;
        filled = await this.fill({ keys: this.#asked(keys, gap.keys), window: gap.window, signal, maxSteps: MAX_STEPS });
        if (filled.complete) this.#noteGap(keys, gap, filled);
      },
    });
    if (read.complete) {
      // Past a hole that could not be filled no watermark moves: the next poll sees it again.
      const held = filled !== undefined && !filled.complete ? gapped : new Set<string>();
      await this.#advance(new Map([...read.newest].filter(([key]) => !held.has(key))), clock.nowUs());
    }
    tools.score.asked(read.calls + (filled?.calls ?? 0));
    const rows = addRows(read.rows, filled?.rows ?? noRows);
    // What is stale now because history has just given it is not stale.
    return { outcome: { keys, kind: read.kind === "stale" && publishedRows(rows) > 0 ? "ok" : read.kind, detail: read.detail }, rows };
  }

  /** Reads the last stretch again, so that late and corrected rows are seen. */
  async overlap(keys: readonly string[], signal: AbortSignal): Promise<{ readonly outcome: PollOutcome; readonly rows: RowCounts }> {
    const { tools, device } = this.#options;
    const toUs = tools.clock.nowUs();
    const fromUs = toUs - tools.account.overlapMs * 1000;
    const filled = await this.fill({ keys, window: { fromUs, toUs }, signal });
    tools.score.asked(filled.calls);
    if (filled.complete && keys.length === device.keys.length) tools.seen.cover(this.#id(), fromUs);
    return { outcome: filled.outcome, rows: filled.rows };
  }

  /** The window from the oldest on, a stretch at a time. A watermark moves over a stretch that was read whole and begins where it stood, never past a hole. */
  async fill({ keys, window, signal, calls, publish = true, maxSteps = Number.POSITIVE_INFINITY, onStep }: FillOptions): Promise<Filled> {
    const { tools, device } = this.#options;
    let rows = noRows;
    let asked = 0;
    let stepUs = STEP_US;
    const ended = (complete: boolean, kind: PollOutcome["kind"], detail: string): Filled => ({ complete, rows, calls: asked, outcome: { keys, kind, detail } });
    let kind: PollOutcome["kind"] = "no_data";
    for (let { fromUs } = window, steps = 0; fromUs < window.toUs; steps += 1) {
      if (steps >= maxSteps) return ended(false, kind, "");
      const toUs = Math.min(fromUs + stepUs, window.toUs);
      const read = await readPages({ tools, device, keys, window: { fromUs, toUs }, signal, publish, heard: false, ...(calls === undefined ? {} : { calls }) });
      rows = addRows(rows, read.rows);
      asked += read.calls;
      if (!read.complete) {
        if (read.kind !== "ok" && read.kind !== "stale" && read.kind !== "no_data") return ended(false, read.kind, read.detail);
        if (stepUs <= LEAST_STEP_US) return ended(false, "bad_payload", "one minute has more rows than a read takes");
        // Too much for one read: what was published is known, the rest comes in smaller stretches.
        stepUs = Math.max(LEAST_STEP_US, Math.floor(stepUs / 8));
        continue;
      }
      if (read.kind === "ok" || kind === "no_data") kind = read.kind;
      if (publish) await this.#advance(this.#movable(read.newest, window.fromUs), tools.clock.nowUs());
      await onStep?.(toUs, read);
      fromUs = toUs;
    }
    return ended(true, kind, "");
  }

  /** For a device whose readings come by another way: only what lies after the watermark. */
  async #fillSince(keys: readonly string[], signal: AbortSignal): Promise<{ readonly outcome: PollOutcome; readonly rows: RowCounts }> {
    const { tools } = this.#options;
    if (!tools.account.provider.hasHistory) return { outcome: { keys, kind: "no_data", detail: "" }, rows: noRows };
    const toUs = tools.clock.nowUs();
    const { marks } = tools.watermarks.of(this.#name());
    const fromUs = Math.min(toUs, ...keys.map((key) => marks.get(this.#nameOf(key))?.timeUs ?? this.#startUs(toUs))) + 1;
    const filled = await this.fill({ keys, window: { fromUs, toUs }, signal, maxSteps: MAX_STEPS });
    tools.score.asked(filled.calls);
    return { outcome: filled.outcome, rows: filled.rows };
  }

  /** Keys whose newest row does not follow on what was accepted last, and the window between; undefined when there are none. */
  #gapBefore(chunk: readonly string[], samples: readonly TimedSample[]): { readonly keys: ReadonlySet<string>; readonly window: Window } | undefined {
    const { tools: { clock, watermarks }, periodUs } = this.#options;
    const { marks } = watermarks.of(this.#name());
    const period = periodUs();
    const toleratedUs = Math.max(GAP_PERIODS * period, Math.min(1.1 * (this.#confirmedUs.get(chunk.join()) ?? 0), MOST_PERIODS * period));
    const keys = new Set<string>();
    let fromUs = Number.POSITIVE_INFINITY;
    let toUs = 0;
    for (const [key, newest] of newestMarks(samples, clock.nowUs())) {
      const afterUs = marks.get(key)?.timeUs ?? this.#startUs(clock.nowUs());
      if (newest.timeUs - afterUs <= toleratedUs) continue;
      keys.add(key);
      fromUs = Math.min(fromUs, afterUs + 1);
      toUs = Math.max(toUs, newest.timeUs);
    }
    return keys.size === 0 ? undefined : { keys, window: { fromUs, toUs } };
  }

  /** Nothing lay in between: the logger was silent, or writes less often than it is asked. */
  #noteGap(chunk: readonly string[], { keys, window }: { readonly keys: ReadonlySet<string>; readonly window: Window }, { rows }: Filled): void {
    const { tools: { account, metrics, score, watermarks }, device } = this.#options;
    const known = [...keys].some((key) => watermarks.of(this.#name()).marks.has(key));
    if (publishedRows(rows) > 0) return score.filled(publishedRows(rows));
    if (account.overlapEveryMs > 0) this.#confirmedUs.set(chunk.join(), window.toUs - window.fromUs);
    if (!known) return;
    score.gap({ device: device.device, keys: [...keys], fromUs: window.fromUs, toUs: window.toUs });
    metrics.counter("caudal_poll_gaps_total").inc({ account: account.id });
  }

  /** Marks that what was read without a hole since `fromUs` may move: it begins no later than just after where they stand. */
  #movable(newest: ReadonlyMap<string, Mark>, fromUs: number): ReadonlyMap<string, Mark> {
    const { tools: { clock, watermarks } } = this.#options;
    const { marks } = watermarks.of(this.#name());
    const startUs = this.#startUs(clock.nowUs());
    return new Map([...newest].filter(([key]) => {
      const stands = marks.get(key)?.timeUs;
      // A key that nobody has asked for yet begins where its first poll would.
      return stands === undefined ? fromUs <= startUs + LEAST_STEP_US && fromUs >= startUs - STEP_US : fromUs <= stands + 1;
    }));
  }

  async #advance(newest: ReadonlyMap<string, Mark>, polledAtUs: number): Promise<void> {
    const { watermarks, faults } = this.#options.tools;
    const { marks } = watermarks.of(this.#name());
    const moved = new Map([...newest].filter(([key, { timeUs, value }]) => {
      const stands = marks.get(key);
      return stands === undefined || timeUs > stands.timeUs || (timeUs === stands.timeUs && !sameValue(value, stands.value));
    }));
    if (moved.size === 0) return;
    await atStep(faults, "collector/polling.watermark", () => watermarks.advance(this.#name(), moved, polledAtUs));
  }

  /** Where a key that was never accepted begins. */
  #startUs(nowUs: number): number {
    return nowUs - this.#options.tools.account.overlapMs * 1000;
  }

  #asked(chunk: readonly string[], names: ReadonlySet<string>): readonly string[] {
    const keys = [...names].map((name) => this.#providerKeys.get(name)).filter((key) => key !== undefined);
    return keys.length === 0 ? chunk : keys;
  }

  #nameOf(key: string): string {
    return this.#options.device.names[key] ?? key;
  }

  #name(): ReturnType<typeof deviceNameOf> {
    return deviceNameOf(this.#options);
  }

  #id(): string {
    return idOf(this.#name());
  }
}
