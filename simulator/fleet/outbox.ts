import type { SimulatedSample, Expectation } from "./message.ts";
import type { Delivery, Draft } from "./draft.ts";

/** A message that waits for its time; its number is given when it goes out. */
export interface Outgoing {
  atUs: number;
  seq: number;
  readonly samples: readonly SimulatedSample[];
  readonly kinds: readonly string[];
  readonly expect: Expectation;
  readonly repeats?: Outgoing;
  readonly corrects?: Outgoing;
  readonly raw?: string;
}

/** What a device has yet to send, in order: a repetition or a correction never comes before what it is about. */
export class Outbox {
  #waiting: Outgoing[] = [];
  #silentUntilUs = 0;

  nextUs(): number {
    return this.#waiting[0]?.atUs ?? Number.POSITIVE_INFINITY;
  }

  take(): Outgoing | undefined {
    return this.#waiting.shift();
  }

  put(delivery: Delivery, samplesOf: (draft: Draft) => readonly SimulatedSample[]): void {
    const { draft, extras, silentUntilUs } = delivery;
    if (silentUntilUs > this.#silentUntilUs) {
      this.#silentUntilUs = silentUntilUs;
      for (const one of this.#waiting) one.atUs = Math.max(one.atUs, silentUntilUs);
    }
    const main: Outgoing = { atUs: delivery.atUs, seq: 0, samples: samplesOf(draft), kinds: draft.kinds, expect: "stored" };
    this.#insert(main);
    for (const extra of extras) {
      switch (extra.is) {
        case "duplicate":
          this.#insert({ atUs: extra.atUs, seq: 0, samples: main.samples, kinds: ["duplicate"], expect: "dropped:duplicate", repeats: main });
          break;
        case "corrected": {
          const values = draft.values.with(extra.place, extra.value);
          const sample = samplesOf({ ...draft, values })[extra.place];
          this.#insert({ atUs: extra.atUs, seq: 0, samples: sample === undefined ? [] : [sample], kinds: ["corrected"], expect: "stored", corrects: main });
          break;
        }
        case "malformed":
          this.#insert({ atUs: extra.atUs, seq: 0, samples: [], kinds: ["malformed"], expect: `parked:${extra.reason}`, raw: extra.raw });
      }
    }
  }

  /** Nothing waits longer than that. */
  hasten(untilUs: number): void {
    for (const one of this.#waiting) one.atUs = Math.min(one.atUs, untilUs);
  }

  #insert(one: Outgoing): void {
    one.atUs = Math.max(one.atUs, this.#silentUntilUs);
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.atUs ?? 0) > one.atUs) at--;
    this.#waiting.splice(at, 0, one);
  }
}
