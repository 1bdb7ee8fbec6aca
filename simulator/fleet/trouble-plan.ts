import type { Trouble, TroubleWindow } from "../troubles/trouble.ts";
import { mix, Random } from "./random.ts";

/** Steps of an epoch; a window lies within one. */
export const EPOCH_STEPS = 48;

export interface Befalling {
  readonly trouble: Trouble;
  readonly window: TroubleWindow;
}

/**
 * When which trouble befalls a device, drawn anew for each epoch from nothing but the seed: a fleet of any size keeps only the windows of
 * now. In the first epoch every device has one trouble at least, all of them in turn, so that a short run shows them too.
 */
export class TroublePlan {
  readonly #troubles: readonly Trouble[];
  readonly #seed: number;
  readonly #turn: number;

  /** `troubles` are those of the device's kind; `turn` counts the devices of that kind. */
  constructor(troubles: readonly Trouble[], { seed, turn }: { readonly seed: number; readonly turn: number }) {
    this.#troubles = troubles;
    this.#seed = seed;
    this.#turn = turn;
  }

  /** The trouble that was with the meter from the start. */
  installed(): { readonly trouble: Trouble; readonly random: Random } | undefined {
    const own = this.#troubles.filter(({ install }) => install !== undefined);
    const random = new Random(mix(this.#seed, 0x1357));
    const assured = this.#assured();
    const trouble = assured?.install !== undefined ? assured : own.find(({ chance }) => random.chance(chance));
    return trouble === undefined ? undefined : { trouble, random };
  }

  windows(epoch: number): readonly Befalling[] {
    const found: Befalling[] = [];
    const taken = { meter: new Set<number>(), way: new Set<number>() };
    const assured = epoch === 0 ? this.#assured() : undefined;
    this.#troubles.forEach((trouble, place) => {
      if (trouble.install !== undefined) return;
      const seed = mix(mix(this.#seed, epoch + 1), place + 1);
      const random = new Random(seed);
      if (!random.chance(trouble.chance) && trouble !== assured) return;
      const length = random.between(...trouble.steps);
      // The very first step of a device shows it as it is.
      let begin = epoch * EPOCH_STEPS + random.between(epoch === 0 ? 1 : 0, EPOCH_STEPS - length);
      if (trouble.single !== undefined) {
        while (taken[trouble.single].has(begin)) begin = epoch * EPOCH_STEPS + ((begin + 1) % EPOCH_STEPS);
        taken[trouble.single].add(begin);
      }
      found.push({ trouble, window: { begin, end: begin + length, seed, memo: 0, fromUs: 0 } });
    });
    return found;
  }

  #assured(): Trouble | undefined {
    return this.#troubles[this.#turn % Math.max(1, this.#troubles.length)];
  }
}
