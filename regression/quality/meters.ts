import { missingShared, readExample, readShared } from "./data-folder.ts";
import { readMeters, type Meter } from "./meter-file.ts";

const WHOLE = "daiad-water-meters/swm_trialA.csv.gz";
const AWKWARD = "daiad-water-meters/awkward_rows.csv.gz";
export const wholeFiles: readonly string[] = [WHOLE, AWKWARD];

/** The twelve households whose rows the product carries, with credit in examples/data. */
export function carriedMeters(): Meter[] {
  return Array.from({ length: 12 }, (_, index) => readMeters(readExample(`daiad-water-meters/hogar-${String(index + 1).padStart(2, "0")}.csv.gz`))).flat();
}

/** All households that there are here, and why not more. */
export function allMeters(): { readonly meters: Meter[]; readonly missing: string | false } {
  const missing = missingShared(...wholeFiles);
  return { meters: missing === false ? readMeters(readShared(WHOLE)) : carriedMeters(), missing };
}

/** Rows that those who gathered the file listed as awkward, by plain arithmetic: each by its place among the rows of its meter. */
export function awkwardRows(): { readonly meter: string; readonly row: number; readonly kind: string }[] {
  const first = new Map<string, number>();
  for (const [index, line] of readShared(WHOLE).split("\n").entries()) {
    const key = line.slice(0, line.indexOf(";"));
    if (index > 0 && key !== "" && !first.has(key)) first.set(key, index + 1);
  }
  return readShared(AWKWARD).trim().split("\n").slice(1).map((line) => {
    const [meter, , row, kind] = line.split(";") as [string, string, string, string];
    return { meter, row: Number(row) - first.get(meter)!, kind };
  });
}
