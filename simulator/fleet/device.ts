import type { Kind, Place, Told } from "../kinds/kind.ts";
import type { Moment, Trouble } from "../troubles/trouble.ts";
import type { TruthEvent } from "../truth/truth-event.ts";
import { DailyUse } from "./daily-use.ts";
import type { Delivery, Draft } from "./draft.ts";
import { keysOf } from "./keys.ts";
import { Meter } from "./meter.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import { mix, Random } from "./random.ts";
import { EPOCH_STEPS, TroublePlan, type Befalling } from "./trouble-plan.ts";

export interface DeviceOptions {
  readonly id: string;
  readonly index: number;
  readonly kind: Kind;
  /** Counts the devices of its kind. */
  readonly turn: number;
  readonly seed: number;
  readonly startUs: number;
  /** No sample is taken from then on; infinity for never. */
  readonly endUs: number;
  readonly stepUs: number;
  /** Those that befall its kind. */
  readonly troubles: readonly Trouble[];
  readonly onTruth: (event: TruthEvent) => void;
}

const MAX_COUNT = 2 ** 32;

/** One device over simulated time: what it measures at each step, what troubles make of it, and what it sends when. */
export class Device {
  readonly id: string;
  readonly index: number;
  readonly #options: DeviceOptions;
  readonly #place: Place;
  readonly #meter: Meter;
  readonly #plan: TroublePlan;
  readonly #outbox = new Outbox();
  readonly #use: DailyUse | undefined;
  #befalling: readonly Befalling[] = [];
  #step = 0;
  #stepUs: number;
  #beforeUs: number;
  /** Millilitres that have not made a litre yet. */
  #restMl = 0;
  #draft: Draft | undefined;

  constructor(options: DeviceOptions) {
    const { id, index, kind, turn, seed, startUs, stepUs, troubles } = options;
    this.id = id;
    this.index = index;
    this.#options = options;
    const random = new Random(seed);
    this.#stepUs = startUs + Math.floor((random.share() * stepUs) / 1000) * 1000;
    this.#beforeUs = this.#stepUs;
    this.#place = kind.place({ random, startUs: this.#stepUs, tell: (event) => this.#tell(event) });
    this.#meter = new Meter(random.between(0, 60_000), kind.meter?.decimals === 0 ? MAX_COUNT : Number.MAX_SAFE_INTEGER);
    this.#plan = new TroublePlan(troubles, { seed: mix(seed, 0x5eed), turn });
    const installed = this.#plan.installed();
    installed?.trouble.install?.(this.#meter, installed.random, (500 * stepUs) / 86_400_000_000);
    this.#use = kind.meter === undefined ? undefined : new DailyUse(kind.meter.key, (event) => this.#tell(event));
  }

  /** When it does something next: takes a sample or sends a message. Infinity when there is nothing left. */
  nextUs(): number {
    return Math.min(this.#outbox.nextUs(), this.#samplesUs());
  }

  /** Does that; a message where it was one. */
  next(): Outgoing | undefined {
    if (this.#outbox.nextUs() <= this.#samplesUs()) return this.#outbox.take();
    this.#sample();
    return this.#outbox.nextUs() <= this.#beforeUs ? this.#outbox.take() : undefined;
  }

  /** Tells what was still under way. */
  finish(): void {
    for (const one of this.#befalling) if (one.window.begin < this.#step && one.window.end > this.#step) this.#end(one, this.#step - one.window.begin);
    this.#use?.finish();
  }

  #samplesUs(): number {
    return this.#stepUs < this.#options.endUs ? this.#stepUs : Number.POSITIVE_INFINITY;
  }

  #sample(): void {
    const { kind, stepUs, endUs } = this.#options;
    if (this.#step % EPOCH_STEPS === 0) this.#befalling = this.#plan.windows(this.#step / EPOCH_STEPS);
    const now = this.#befalling.filter(({ window }) => window.begin <= this.#step && this.#step < window.end);
    for (const { window } of now) if (window.begin === this.#step) window.fromUs = this.#beforeUs;
    const draft: Draft = { kind, timeUs: this.#stepUs, values: [], kinds: [] };
    this.#draft = draft;
    let ml = this.#restMl + this.#place.advance(this.#beforeUs, this.#stepUs);
    for (const one of now) ml += one.trouble.use?.(this.#moment(one)) ?? 0;
    for (const one of now) one.trouble.meter?.(this.#moment(one), this.#meter, draft);
    if (kind.meter !== undefined) this.#count(ml, kind.meter.key, draft);
    draft.values.push(...this.#place.look());
    for (const one of now) one.trouble.reading?.(this.#moment(one), draft);
    const delivery: Delivery = { draft, atUs: this.#stepUs, silentUntilUs: 0, extras: [] };
    for (const one of now) one.trouble.delivery?.(this.#moment(one), delivery);
    this.#outbox.put(delivery, samplesOf);
    this.#beforeUs = this.#stepUs;
    this.#step += 1;
    this.#stepUs += stepUs;
    for (const one of now) if (one.window.end === this.#step) this.#end(one, one.window.end - one.window.begin);
    // What a device still keeps when the simulated time ends goes out then.
    if (this.#stepUs >= endUs) this.#outbox.hasten(endUs);
  }

  #count(ml: number, key: string, draft: Draft): void {
    const litres = Math.floor(ml / 1000);
    this.#restMl = ml - litres * 1000;
    const before = this.#meter.register;
    if (this.#meter.count(litres)) {
      draft.kinds.push("wrap");
      this.#tell({ what: "wrap", fromUs: this.#beforeUs, toUs: this.#stepUs, key, before, after: this.#meter.register });
    }
    draft.values.push(this.#meter.register);
    this.#use?.add(this.#stepUs, litres);
  }

  #end(one: Befalling, steps: number): void {
    if (this.#draft !== undefined) one.trouble.end?.({ ...this.#moment(one), atUs: this.#beforeUs }, this.#draft, steps);
  }

  #moment({ window }: Befalling): Moment {
    return {
      window, step: this.#step, atUs: this.#stepUs, stepUs: this.#options.stepUs, beforeUs: this.#beforeUs,
      random: () => new Random(mix(window.seed, 0xda7a)), tell: (event) => this.#tell(event),
    };
  }

  #tell(event: Told): void {
    this.#options.onTruth({ ...event, device: this.id });
  }
}

function samplesOf({ kind, timeUs, values }: Draft): Outgoing["samples"] {
  return keysOf(kind).map(({ key, decimals }, place) => ({ key, timeUs, value: (values[place] ?? 0) / 10 ** decimals }));
}
