import type { Correction } from "./feeding.ts";
import type { JudgedWork, Tell } from "./judge-input.ts";
import { DAY_MS, iso } from "./regulator-day.ts";

/** By the value that they are of: point, variable, instant. */
export function byValue(corrections: readonly Correction[]): ReadonlyMap<string, Correction> {
  return new Map(corrections.map((correction) => [keyOf(correction), correction]));
}

/** What took the place of a value that had been frozen stands beside it in the chain, once the service had word of it and a day to look. */
export function judgeRevisions({ work, entries }: JudgedWork, corrections: ReadonlyMap<string, Correction>, { find, count, endMs }: Pick<Tell, "find" | "count"> & { readonly endMs: number }): void {
  const told = new Set<string>();
  for (const { entry: { body } } of entries) {
    if (body.kind !== "late-revision") continue;
    const name = `${body.slotUs}/${keyOf(body.taken)}/${body.taken.value}`;
    if (told.has(name)) find("revision-untold", `${work} ${iso(body.slotUs / 1000)}: ${body.taken.variable} ${body.taken.value} is told twice`);
    told.add(name);
    count("late revisions");
  }
  for (const { entry: { body }, writtenMs } of entries) {
    if (body.kind !== "frozen") continue;
    for (const taken of body.taken) {
      const correction = corrections.get(keyOf(taken));
      if (correction === undefined || Number(taken.value) === correction.value || writtenMs >= correction.toldMs || correction.toldMs > endMs - DAY_MS) continue;
      if (!told.has(`${body.slotUs}/${keyOf(taken)}/${String(correction.value)}`)) find("revision-untold", `${work} ${iso(body.slotUs / 1000)}: ${taken.variable} ${taken.value} is ${correction.value} since ${iso(correction.toldMs)}`);
    }
  }
}

function keyOf({ point, variable, instantUs }: Pick<Correction, "point" | "variable" | "instantUs">): string {
  return `${point}/${variable}/${instantUs}`;
}
