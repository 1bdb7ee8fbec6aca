import { setTimeout as wait } from "node:timers/promises";
import { ApiMix } from "./api-mix.ts";
import { checkStored } from "./check-stored.ts";
import { Device } from "./device.ts";
import { HttpCaller } from "./http-call.ts";
import { followLive } from "./live-follower.ts";
import { sendPast, settled } from "./past.ts";
import type { LoadPlan, LoadResult, LoadWord } from "./plan.ts";
import { untilLatest } from "./probe.ts";
import { openPublishers, type Publishers } from "./publishers.ts";
import { arrivals, inBurst, randomFrom } from "./schedule.ts";
import { Timings } from "./timings.ts";

/* The load generator, a process of its own: takes a plan from its parent, plays it, tells when the measured time begins and ends, and gives the result. */

const RICH_DEVICES = 20;
const KEPT_FAILURES = 20;
/** What is still under way at the end of the load is waited for that long. */
const LAST_WORDS_MS = 60_000;

class Load {
  readonly #plan: LoadPlan;
  readonly #http = new HttpCaller();
  readonly #devices: readonly Device[];
  readonly #rich: readonly Device[];
  readonly #mix: ApiMix;
  readonly #random: () => number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  readonly #toHot = new Timings();
  readonly #toHotInBursts = new Timings();
  readonly #acks = new Timings();
  readonly #toLive = new Timings();
  readonly #posts = new Timings();
  /** Sent and not yet seen in the live stream, by point and time. */
  readonly #unseen = new Map<string, number>();
  #turn = 0;
  #sent = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#devices = Array.from({ length: plan.devices }, (_, index) => new Device(index));
    this.#rich = this.#devices.slice(0, RICH_DEVICES);
    this.#mix = new ApiMix({ http: this.#http, addresses: plan.addresses, rich: this.#rich });
    this.#random = randomFrom(plan.seed);
  }

  async run(): Promise<LoadResult> {
    const { addresses, warmUpS, seconds } = this.#plan;
    const past = await sendPast(this.#devices, this.#rich, { addresses, http: this.#http });
    say(`  ${past} readings of the past are stored; warming up for ${warmUpS} s, then ${seconds} s are measured`);
    const fromMs = Date.now();
    const publishers = await openPublishers(addresses, this.#http);
    const leave = await followLive(addresses.analytics, (point, timeMs) => this.#seen(point, timeMs));
    await this.#play(publishers, { seconds: warmUpS, counted: false });
    tell({ kind: "begins" });
    await this.#play(publishers, { seconds, counted: true });
    tell({ kind: "ends" });
    await Promise.race([Promise.all(this.#underWay), wait(LAST_WORDS_MS, undefined, { ref: false })]);
    await settled(addresses, this.#http);
    const missing = await checkStored(this.#devices, fromMs, { http: this.#http, analytics: addresses.analytics });
    leave();
    await publishers.close();
    this.#http.close();
    return {
      sent: this.#sent, acknowledged: this.#devices.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0), missing,
      deviceToHot: this.#toHot.timing(), deviceToHotInBursts: this.#toHotInBursts.timing(), acknowledgement: this.#acks.timing(), deviceToLive: this.#toLive.timing(),
      api: { ...Object.fromEntries([...this.#mix.timings].map(([name, timings]) => [name, timings.timing()])), "POST a reading": this.#posts.timing() },
      failures: this.#failures,
    };
  }

  /** Readings, probes and calls at their times, whatever becomes of the ones before. */
  async #play(publishers: Publishers, { seconds, counted }: { readonly seconds: number; readonly counted: boolean }): Promise<void> {
    const { readingsPerHour, burstTimes, apiCallsPerS } = this.#plan;
    const startedMs = performance.now();
    const readings = arrivals({ perS: readingsPerHour / 3600, burstTimes, seconds, random: this.#random });
    const calls = Array.from({ length: Math.floor(seconds * apiCallsPerS) }, (_, index) => index / apiCallsPerS);
    await Promise.all([
      at(readings, startedMs, (atS) => this.#follow(this.#send(publishers, { counted, burst: inBurst(atS, seconds) }))),
      at(calls, startedMs, () => this.#follow(this.#mix.next(counted))),
    ]);
    await wait(Math.max(0, startedMs + seconds * 1000 - performance.now()));
  }

  async #send(publishers: Publishers, { counted, burst }: { readonly counted: boolean; readonly burst: boolean }): Promise<void> {
    const turn = this.#turn++;
    const index = turn % this.#devices.length;
    const device = this.#devices[index]!;
    const { timeMs, text } = device.next();
    const byHttp = this.#random() < this.#plan.httpShare;
    const sentMs = performance.now();
    this.#sent += 1;
    if (counted) this.#unseen.set(`${device.point} ${timeMs}`, sentMs);
    const acknowledged = byHttp ? publishers.byHttp(text) : publishers.byMqtt({ index, id: device.id }, text);
    const probed = turn % this.#plan.probeEvery === 0 ? untilLatest(device, { timeMs, sentMs }, { http: this.#http, analytics: this.#plan.addresses.analytics }) : undefined;
    // Both are awaited below; a probe that fails first must not count as nobody's.
    probed?.catch(() => undefined);
    await acknowledged;
    device.acknowledged.push(timeMs);
    if (counted) (byHttp ? this.#posts : this.#acks).add(performance.now() - sentMs);
    if (probed === undefined) return;
    const tookMs = await probed;
    if (!counted) return;
    this.#toHot.add(tookMs);
    if (burst) this.#toHotInBursts.add(tookMs);
  }

  #seen(point: string, timeMs: number): void {
    const key = `${point} ${timeMs}`;
    const sentMs = this.#unseen.get(key);
    if (sentMs === undefined) return;
    this.#unseen.delete(key);
    this.#toLive.add(performance.now() - sentMs);
  }

  #follow(work: Promise<void>): void {
    const one: Promise<void> = work.catch((error: unknown) => {
      if (this.#failures.length < KEPT_FAILURES) this.#failures.push(error instanceof Error ? error.message : String(error));
    }).finally(() => this.#underWay.delete(one));
    this.#underWay.add(one);
  }
}

/** Calls `act` at each instant, in seconds after `startedMs`, and waits for none of what it began. */
async function at(instants: Iterable<number>, startedMs: number, act: (atS: number) => void): Promise<void> {
  for (const atS of instants) {
    const waitMs = startedMs + atS * 1000 - performance.now();
    if (waitMs > 0) await wait(waitMs);
    act(atS);
  }
}

function tell(word: LoadWord): void {
  process.send?.(word);
}

function say(text: string): void {
  tell({ kind: "say", text });
}

process.once("message", (plan: LoadPlan) => {
  new Load(plan).run().then((result) => {
    process.send?.({ kind: "result", result } satisfies LoadWord, () => process.exit(0));
  }, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
