import type { Trouble } from "./trouble.ts";

function wrapAt(name: string, bits: 16 | 32): Trouble {
  return {
    name,
    kinds: ["household"],
    chance: 0.15,
    steps: [0, 0],
    install(meter, random, stepLitres) {
      meter.modulus = 2 ** bits;
      meter.register = meter.modulus - 1 - Math.round(stepLitres * random.between(3, 30));
    },
  };
}

/** Counters of 16 and of 32 bits that are close to their last number. */
export const wrap16 = wrapAt("wrap-16", 16);
export const wrap32 = wrapAt("wrap-32", 32);
