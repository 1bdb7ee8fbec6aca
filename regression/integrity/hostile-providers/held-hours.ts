import type { EventLog } from "@caudal/core";
import type { Polling } from "../../../collector/polling/polling.ts";
import { pollersOf, type PollingScene } from "../../../collector/test-parts/polling-scene.ts";

export const IDLE_STEP_MS = 40_000;
const AWAY_STEP_MS = 10_000;
/** While answers are on their way, or records are. */
const BUSY_STEP_MS = 250;
/** While who is busy waits for the clock alone: to try again, or for its budget. */
const WAITING_STEP_MS = 2000;
/** So many looks in a row must find nothing on its way: between an answer and what is made of it there is some work. */
const CALM_LOOKS = 8;
/** As a collector does it by itself. */
const ROUND_EVERY_US = 1_000_000;

/** Simulated hours: a clock that is held, moved on by what goes on. Real sockets and disks do not know it. */
export class HeldHours {
  readonly #scene: PollingScene;
  readonly #inHand: () => number;
  #roundAtUs = 0;
  #calmLooks = 0;

  /** `inHand` counts the requests and the records that are on their way. */
  constructor(scene: PollingScene, inHand: () => number) {
    this.#scene = scene;
    this.#inHand = inHand;
  }

  /** Lets time pass: in strides while nothing is asked, slowly while something is on its way. */
  async pass(polling: Polling, untilUs: number): Promise<void> {
    const { clock } = this.#scene;
    while (clock.nowUs() < untilUs) {
      const idle = await isIdle(polling);
      // Leases and what is due are looked at before time goes on.
      if (idle || clock.nowUs() >= this.#roundAtUs) {
        this.#roundAtUs = clock.nowUs() + ROUND_EVERY_US;
        await Promise.all(pollersOf(polling).map((poller) => poller.round()));
      }
      if (idle && (await isIdle(polling))) await clock.advance(this.#toNextMs(polling));
      else await this.#busyStep();
    }
  }

  /** Starts nothing more, and lets time pass until what runs has ended. */
  async quiet(polling: Polling): Promise<void> {
    for (const poller of pollersOf(polling)) poller.quiesce();
    while (!(await isIdle(polling))) await this.#busyStep();
  }

  async #busyStep(): Promise<void> {
    this.#calmLooks = this.#inHand() === 0 ? this.#calmLooks + 1 : 0;
    await this.#scene.clock.advance(this.#calmLooks > CALM_LOOKS ? WAITING_STEP_MS : BUSY_STEP_MS);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** To the next device that is due, and not so far that a lease lapses on the way. */
  #toNextMs(polling: Polling): number {
    const nextUs = Math.min(...pollersOf(polling).flatMap((poller) => poller.devices().map((device) => device.nextUs())));
    const waitMs = (nextUs - this.#scene.clock.nowUs()) / 1000;
    // Who is overdue and not asked waits for a provider that is away.
    return waitMs <= 0 ? AWAY_STEP_MS : Math.min(IDLE_STEP_MS, waitMs);
  }
}

/** A log that counts the publishes on their way. */
export function countingLog(log: EventLog): { readonly log: EventLog; readonly inHand: () => number } {
  let inHand = 0;
  const publish: EventLog["publish"] = async (topic, records) => {
    inHand += 1;
    await log.publish(topic, records).finally(() => (inHand -= 1));
  };
  return { inHand: () => inHand, log: new Proxy(log, { get: (target, property) => (property === "publish" ? publish : bound(target, property)) }) };
}

function bound(target: EventLog, property: string | symbol): unknown {
  const value: unknown = Reflect.get(target, property, target);
  return typeof value === "function" ? (value.bind(target) as unknown) : value;
}

async function isIdle(polling: Polling): Promise<boolean> {
  const settled = Promise.all(pollersOf(polling).map((poller) => poller.settled())).then(() => true);
  return Promise.race([settled, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}
