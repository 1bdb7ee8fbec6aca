import { hasCode } from "@caudal/core";
import { leaveLease, settleWithin, takeLease, type LeaseOptions } from "@caudal/runtime";
import type { AccountDevice } from "../providers/account.ts";
import { PolledDevice, type DevicePolled, type PollTask } from "./polled-device.ts";
import type { PollTools } from "./poll-tools.ts";
import { deviceNameOf } from "./read-pages.ts";
import { scorecardOf, type Scorecard, type Scorecards } from "./scorecards.ts";

export interface AccountPollerOptions {
  readonly tools: PollTools;
  readonly lease: LeaseOptions;
  readonly scorecards: Scorecards;
  /** False: it holds the lease, and starts nothing by itself. */
  readonly scheduled: boolean;
}

const RENEW_EVERY_US = 15_000_000;
/** A lease that could not be renewed is not trusted to its last second. */
const TRUSTED_US = 45_000_000;
/** Devices in hand for each call that may be under way: while one waits until its rows are durable, another asks. */
const DEVICES_A_CALL = 4;
const LOOK_EVERY_MS = 1000;
const LEAST_WAIT_MS = 10;
const SCORE_EVERY_US = 30_000_000;

/**
 * Asks for the devices of one account, while it holds the account's lease: budget, login and breaker then have one owner. As many at once as
 * the account allows; while the provider is away, one now and then.
 */
export class AccountPoller {
  readonly #options: AccountPollerOptions;
  readonly #devices: readonly PolledDevice[];
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  /** Ends what runs when the lease is lost. */
  #held: AbortController | undefined;
  #heldUntilUs = 0;
  #renewAtUs = 0;
  #scoreAtUs = 0;
  #wake = (): void => {};
  #loop: Promise<void> = Promise.resolve();
  /** One look at a time. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AccountPollerOptions) {
    this.#options = options;
    this.#devices = options.tools.account.devices.map((device) => new PolledDevice(options.tools, device));
  }

  start(): void {
    this.#loop = this.#watch();
  }

  /** Starts nothing more. */
  quiesce(): void {
    this.#stop.abort();
    this.#wake();
  }

  /** Starts nothing more, lets what runs end within the time, and gives the lease back. */
  async stop(deadlineMs: number): Promise<void> {
    this.quiesce();
    await settleWithin(() => this.#loop, deadlineMs / 8);
    await settleWithin(() => Promise.all(this.#running), deadlineMs / 2);
    this.#held?.abort();
    await settleWithin(() => Promise.all(this.#running), deadlineMs / 8);
    if (this.#held === undefined) return;
    await settleWithin(async () => {
      await this.#writeScore();
      await leaveLease(this.#options.lease);
    }, deadlineMs / 8);
    this.#held = undefined;
  }

  /** True while this process is the one that asks. */
  isHolder(): boolean {
    return this.#held !== undefined;
  }

  devices(): readonly PolledDevice[] {
    return this.#devices;
  }

  tools(): PollTools {
    return this.#options.tools;
  }

  /** Takes or keeps the lease, and starts what is due; for a test that holds the clock, and for the loop. */
  round(): Promise<void> {
    const turn = this.#turn.then(() => this.#round());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #round(): Promise<void> {
    await this.#lease();
    this.#pump();
    if (this.#held !== undefined && this.#options.tools.clock.nowUs() >= this.#scoreAtUs) await this.#writeScore();
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Asks for these devices now, apart from the schedule, and tells of each once it was asked. The caller knows that the lease is held. */
  async collect(devices: readonly AccountDevice[], signal: AbortSignal, told: (polled: DevicePolled) => void = () => undefined): Promise<readonly DevicePolled[]> {
    const wanted = new Set(devices.map(({ device }) => device));
    const ended = AbortSignal.any([signal, ...(this.#held === undefined ? [] : [this.#held.signal])]);
    const polled: DevicePolled[] = [];
    const left = this.#devices.filter(({ device }) => wanted.has(device.device)).values();
    const worker = async (): Promise<void> => {
      for (const each of left) {
        while (each.busy) await Promise.race(this.#running);
        if (ended.aborted) return;
        await this.#track(each, "poll", ended, (result) => {
          polled.push(result);
          told(result);
        });
      }
    };
    await Promise.all(Array.from({ length: this.#options.tools.account.concurrency * DEVICES_A_CALL }, worker));
    return polled;
  }

  async #watch(): Promise<void> {
    const { clock, logger, account, sleep } = this.#options.tools;
    while (!this.#stop.signal.aborted) {
      await this.round().catch((error: unknown) => logger.error("poll.round-failed", { account: account.id, error }));
      const nextUs = Math.min(...this.#devices.map((device) => device.nextUs()));
      const waitMs = Math.min(LOOK_EVERY_MS, Math.max(LEAST_WAIT_MS, (nextUs - clock.nowUs()) / 1000));
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      if (this.#stop.signal.aborted) return;
      await sleep(waitMs, woken.signal).catch(() => undefined);
    }
  }

  async #lease(): Promise<void> {
    const { lease, tools: { account, clock, logger } } = this.#options;
    const nowUs = clock.nowUs();
    if (nowUs >= this.#renewAtUs) {
      this.#renewAtUs = nowUs + (this.#held === undefined ? RENEW_EVERY_US / 3 : RENEW_EVERY_US);
      const taken = await takeLease(lease).catch((error: unknown) => {
        if (!hasCode(error, "unavailable") && !hasCode(error, "timeout")) logger.warn("poll.lease-failed", { account: account.id, error });
        return undefined;
      });
      if (taken === true) {
        this.#heldUntilUs = nowUs + TRUSTED_US;
        this.#renewAtUs = nowUs + RENEW_EVERY_US;
        if (this.#held === undefined) await this.#begin();
      } else if (taken === false) this.#let("another collector asks for this account");
    }
    if (this.#held !== undefined && nowUs >= this.#heldUntilUs) this.#let("the lease could not be renewed");
  }

  async #begin(): Promise<void> {
    const { tools, scorecards } = this.#options;
    const { account, clock, logger, score, watermarks } = tools;
    await watermarks.load(account.devices.map((device) => deviceNameOf({ tools, device })));
    const before = await scorecards.read(account.id);
    if (before !== undefined) score.restore(before.score);
    this.#held = new AbortController();
    this.#scoreAtUs = clock.nowUs() + SCORE_EVERY_US;
    for (const device of this.#devices) device.begin();
    logger.info("poll.account-taken", { account: account.id, provider: account.provider.id, devices: account.devices.length });
  }

  #let(why: string): void {
    if (this.#held === undefined) return;
    const { account, logger } = this.#options.tools;
    this.#held.abort();
    this.#held = undefined;
    logger.warn("poll.account-left", { account: account.id, why });
  }

  #pump(): void {
    const { account, calls, clock, metrics } = this.#options.tools;
    const held = this.#held;
    if (held === undefined || !this.#options.scheduled || this.#stop.signal.aborted) return;
    const nowUs = clock.nowUs();
    const outage = calls.outage();
    if (outage !== undefined && outage.retryAtUs > nowUs) return;
    // One asks whether the provider is back; the others wait for its answer.
    const most = outage === undefined ? account.concurrency * DEVICES_A_CALL : 1;
    if (this.#running.size >= most) return;
    const due = this.#devices.flatMap((device) => {
      const what = device.due(nowUs);
      return what === undefined ? [] : [{ device, ...what }];
    });
    // Polls before what looks at the past; among them who waits longest.
    due.sort((a, b) => (a.task === b.task ? a.sinceUs - b.sinceUs : a.task === "poll" ? -1 : 1));
    for (const { device, task, sinceUs } of due.slice(0, most - this.#running.size)) {
      metrics.histogram("caudal_poll_lag_seconds").observe({ account: account.id }, (nowUs - sinceUs) / 1e6);
      void this.#track(device, task, held.signal, () => undefined);
    }
  }

  async #track(device: PolledDevice, task: PollTask, signal: AbortSignal, done: (polled: DevicePolled) => void): Promise<void> {
    const { account, logger } = this.#options.tools;
    device.busy = true;
    const run = device.run(task, signal).then(done).catch((error: unknown) => {
      if (!signal.aborted) logger.error("poll.broke-off", { account: account.id, device: device.device.device, error });
    }).finally(() => {
      device.busy = false;
      this.#running.delete(run);
      this.#pump();
      this.#wake();
    });
    this.#running.add(run);
    await run;
  }

  /** How the account does now, where this process asks for it. */
  scorecard(): Scorecard {
    const { tools: { account, calls, clock, score }, lease: { holder } } = this.#options;
    return scorecardOf({ account, holder, score: score.body(), devices: this.#devices, calls, atUs: clock.nowUs() });
  }

  async #writeScore(): Promise<void> {
    const { tools: { account, clock }, scorecards } = this.#options;
    this.#scoreAtUs = clock.nowUs() + SCORE_EVERY_US;
    await scorecards.write(account.id, this.scorecard());
  }
}
