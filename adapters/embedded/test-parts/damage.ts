import { closeSync, ftruncateSync, openSync, readSync, statSync, writeSync } from "node:fs";
import fc from "fast-check";

/** How a file is torn: cut off, or a run of bytes that are not those that were written. */
export interface Damage {
  readonly how: "cut" | "zeros" | "noise";
  /** 0 to 1 of the file. */
  readonly at: number;
  readonly bytes: number;
  readonly noise: number;
}

export const anyDamage: fc.Arbitrary<Damage> = fc.record({
  how: fc.constantFrom("cut", "zeros", "noise"),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  bytes: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 512, max: 4096 })),
  noise: fc.integer({ min: 1, max: 255 }),
});

/** Damages the file and returns the first byte that may be another. */
export function damageFile(path: string, { how, at, bytes, noise }: Damage): number {
  const { size } = statSync(path);
  const place = Math.floor(at * size);
  const file = openSync(path, "r+");
  try {
    if (how === "cut") ftruncateSync(file, place);
    else {
      const run = Buffer.alloc(Math.min(bytes, size - place));
      readSync(file, run, 0, run.length, place);
      for (let i = 0; i < run.length; i += 1) run[i] = how === "zeros" ? 0 : run[i]! ^ (((noise + i * 7) & 255) || 1);
      writeSync(file, run, 0, run.length, place);
    }
  } finally {
    closeSync(file);
  }
  return place;
}
