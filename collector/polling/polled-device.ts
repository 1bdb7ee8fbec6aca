import type { AccountDevice } from "../providers/account.ts";
import { DevicePoll } from "./device-poll.ts";
import { KeyHealth } from "./key-health.ts";
import { addRows, noRows, type PollOutcome, type RowCounts } from "./outcome.ts";
import type { PollTools } from "./poll-tools.ts";
import { deviceNameOf } from "./read-pages.ts";
import { slotsOf, type Slots } from "./slots.ts";

export type PollTask = "poll" | "overlap";

/** What came of asking for one device. */
export interface DevicePolled {
  readonly device: string;
  readonly outcomes: readonly PollOutcome[];
  readonly rows: RowCounts;
}

const HOUR_US = 3_600_000_000;
/** How long after the start, or after a lease was taken, those that have missed a slot are asked: not all at once. */
const CATCH_UP_US = 10_000_000;

/** A device in its account's schedule. */
export class PolledDevice {
  readonly device: AccountDevice;
  readonly poll: DevicePoll;
  readonly health: KeyHealth;
  readonly #tools: PollTools;
  readonly #slots: Slots;
  readonly #overlapSlots: Slots | undefined;
  #nextPollUs = Number.POSITIVE_INFINITY;
  #nextOverlapUs = Number.POSITIVE_INFINITY;
  busy = false;

  constructor(tools: PollTools, device: AccountDevice) {
    const { account, clock, logger } = tools;
    const name = `${account.id}/${device.device}`;
    this.device = device;
    this.#tools = tools;
    this.#slots = slotsOf(device.cadence, name);
    const overlaps = account.overlapEveryMs > 0 && account.overlapMs > 0 && account.provider.hasHistory;
    this.#overlapSlots = overlaps ? slotsOf({ kind: "every", ms: account.overlapEveryMs }, `${name}/overlap`) : undefined;
    this.poll = new DevicePoll({ tools, device, periodUs: () => this.periodUs() });
    this.health = new KeyHealth({ clock, logger, fields: { account: account.id, device: device.device } });
  }

  /** Puts it into the schedule: a slot that was missed while nobody asked is made up for once, soon. */
  begin(): void {
    const nowUs = this.#tools.clock.nowUs();
    const { polledAtUs } = this.#tools.watermarks.of(deviceNameOf({ tools: this.#tools, device: this.device }));
    const lastUs = this.#slots.last(nowUs);
    const next = this.#slots.next(nowUs);
    const missed = lastUs > polledAtUs;
    const soonUs = nowUs + Math.min(CATCH_UP_US, this.periodUs() / 6) * this.#share();
    this.#nextPollUs = missed ? Math.min(next, soonUs) : next;
    this.#nextOverlapUs = this.#overlapSlots?.next(nowUs) ?? Number.POSITIVE_INFINITY;
  }

  /** What is due now; undefined when nothing is, or it is being asked for. */
  due(nowUs: number): { readonly task: PollTask; readonly sinceUs: number } | undefined {
    if (this.busy) return undefined;
    if (this.#nextPollUs <= nowUs) return { task: "poll", sinceUs: this.#nextPollUs };
    return this.#nextOverlapUs <= nowUs ? { task: "overlap", sinceUs: this.#nextOverlapUs } : undefined;
  }

  nextUs(): number {
    return this.busy ? Number.POSITIVE_INFINITY : Math.min(this.#nextPollUs, this.#nextOverlapUs);
  }

  periodUs(): number {
    const nowUs = this.#tools.clock.nowUs();
    const period = this.#slots.periodUs(nowUs);
    return Number.isFinite(period) ? period : HOUR_US;
  }

  /** Asks, set of keys by set of keys. A failure of one is its own. */
  async run(task: PollTask, signal: AbortSignal): Promise<DevicePolled> {
    const nowUs = this.#tools.clock.nowUs();
    if (task === "poll") this.#nextPollUs = this.#slots.next(nowUs);
    else this.#nextOverlapUs = this.#overlapSlots?.next(nowUs) ?? Number.POSITIVE_INFINITY;
    const outcomes: PollOutcome[] = [];
    let rows = noRows;
    for (const keys of this.poll.chunks()) {
      if (!this.health.mayAsk(keys)) continue;
      const polled = task === "poll" ? await this.poll.poll(keys, signal) : await this.poll.overlap(keys, signal);
      this.note(polled.outcome, polled.rows);
      outcomes.push(polled.outcome);
      rows = addRows(rows, polled.rows);
    }
    return { device: this.device.device, outcomes, rows };
  }

  note(outcome: PollOutcome, rows: RowCounts): void {
    const { account, logger, metrics, score } = this.#tools;
    this.health.note(outcome);
    score.outcome(outcome.kind, rows);
    metrics.counter("caudal_polls_total").inc({ account: account.id, outcome: outcome.kind });
    metrics.counter("caudal_poll_corrections_total").inc({ account: account.id }, rows.corrected);
    const told = outcome.kind === "config_error" || outcome.kind === "bad_payload";
    if (told) logger.warn("poll.failed", { account: account.id, device: this.device.device, keys: outcome.keys.join(" "), outcome: outcome.kind, detail: outcome.detail });
  }

  /** 0…1, its own. */
  #share(): number {
    const nowUs = this.#tools.clock.nowUs();
    const period = this.periodUs();
    return Math.min(1, Math.max(0, (this.#slots.next(nowUs) - nowUs) / period));
  }
}
