import { deviceCollection, deviceKey, Directory, pointIdOf, systemScope, type DeviceRecord, type FeedChange } from "@caudal/core";
import { Random } from "../time/random.ts";
import { running } from "../time/virtual-time.ts";
import { openPorts } from "../world/ports.ts";
import type { TierState } from "../world/tier-state.ts";
import type { World } from "../world/world.ts";
import { CLIENT } from "./devices.ts";
import type { RunPlan } from "./plan.ts";

/** The key of the fleet whose samples also go to points beside its own. */
export interface Source {
  readonly device: string;
  readonly key: string;
  readonly variable: string;
}

const AGAIN_MS = 300;
const MOST_POINTS = 3;

/**
 * In half of the runs a person makes a key of the fleet feed points beside its own, adds one and takes one away, while things go wrong. In the end such a point holds
 * what the key's own point holds, and what was taken away holds nothing. The points' own devices never send, so that the auditor has nothing to say of them.
 */
export class Feeding {
  readonly #world: World;
  readonly #source: Source;
  readonly #wells: readonly string[];
  readonly #removes: boolean;
  readonly #times: readonly number[];
  #said: boolean;

  constructor(world: World, plan: RunPlan, source: Source) {
    const random = new Random(`${plan.seed}/feeding`);
    this.#world = world;
    this.#source = source;
    this.#wells = Array.from({ length: random.chance(0.5) ? random.whole(1, MOST_POINTS) : 0 }, (_, at) => `well-${at}`);
    this.#removes = random.chance(0.5);
    this.#times = Array.from({ length: 3 }, () => random.whole(100, plan.troubleMs)).sort((a, b) => a - b);
    this.#said = this.#wells.length === 0;
  }

  start(): void {
    if (this.#said) return;
    const person = this.#world.process("person");
    void running.run(person, () => this.#speak(person)).catch((error: unknown) => this.#world.tell(`the person failed: ${String(error)}`));
  }

  /** Why the run is not over; empty when every word is said and mapped. */
  left(): string {
    if (!this.#said) return "feeds are not said";
    const collections = this.#world.documents.collections;
    for (const { id, fields } of collections.get(deviceCollection.name)?.all() ?? []) {
      // Also where the last of the feeds was taken away.
      if (this.#wells.length === 0 || id !== deviceKey(CLIENT, this.#source.device)) continue;
      const { directoryVersion } = fields as unknown as DeviceRecord;
      const state = [...(collections.get("mapping-devices")?.all() ?? [])].find((one) => one.id === id)?.fields as { mapping: { version: number }; remap: unknown } | undefined;
      if (state !== undefined && (state.remap !== null || state.mapping.version < directoryVersion)) return `${id} is mapped anew`;
    }
    return "";
  }

  /** What is not as it was said, in any tier. */
  broken(tiers: readonly TierState[]): string[] {
    const { device, variable } = this.#source;
    const own = pointIdOf(CLIENT, device);
    return tiers.flatMap((tier) => this.#wells.flatMap((well, at) => {
      const wanted = this.#removes && at === 0 ? "[]" : JSON.stringify(valuesOf(tier, own, variable));
      const found = JSON.stringify(valuesOf(tier, pointIdOf(CLIENT, well), variable));
      return wanted === found ? [] : [`${tier.name}: ${well} was fed ${found}, ${device} gave ${wanted}`];
    }));
  }

  async #speak(person: ReturnType<World["process"]>): Promise<void> {
    const ports = openPorts(this.#world, person);
    const [first = 0, second = 0, third = 0] = this.#times;
    const feed = (well: string, more: Partial<FeedChange> = {}): FeedChange => ({ key: this.#source.key, point: pointIdOf(CLIENT, well), ...more });
    await this.#insist(async () => {
      const directory = await Directory.open(ports.documents);
      for (const well of this.#wells) await directory.adopt(CLIENT, well, { by: "person", keys: [{ key: "own", unit: null }], labels: {}, atUs: Date.now() * 1000 });
    });
    const words: readonly (readonly [number, readonly FeedChange[]])[] = [
      [first, this.#wells.slice(0, 1).map((well) => feed(well))], [second, this.#wells.slice(1).map((well) => feed(well))],
      [third, this.#removes ? this.#wells.slice(0, 1).map((well) => feed(well, { removed: true })) : []],
    ];
    for (const [atMs, changes] of words) {
      await pause(Math.max(1, atMs - performance.now()));
      if (changes.length === 0) continue;
      await this.#insist(async () => {
        const directory = await Directory.open(ports.documents);
        const known = await directory.device(CLIENT, this.#source.device);
        if (known?.body.entries.some(({ key }) => key === this.#source.key) !== true) throw new Error("nobody heard the device yet");
        await directory.setFeeds(CLIENT, this.#source.device, changes, { scope: systemScope, by: "person", atUs: Date.now() * 1000 });
      });
      this.#world.tell(`${deviceKey(CLIENT, this.#source.device)} feeds ${JSON.stringify(changes)}`);
    }
    this.#said = true;
  }

  /** Until it is done: a store may be away, and the device may not have sent yet. */
  async #insist(work: () => Promise<void>): Promise<void> {
    for (;;) {
      const done = await Promise.race([work().then(() => true, () => false), pause(5000).then(() => false)]);
      if (done) return;
      await pause(AGAIN_MS);
    }
  }
}

function valuesOf(tier: TierState, point: string, variable: string): [number, number | null][] {
  return tier.rows({ client: CLIENT, point }).flatMap(({ instantUs, facts }): [number, number | null][] => {
    const fact = facts.get(variable)?.[0]?.fact;
    return fact === undefined || fact.reasons.includes("withdrawn") ? [] : [[instantUs, fact.value]];
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
