import { tableVariables } from "./table.ts";

/** Doubles that were summed in another order. */
const LIKE = 1e-9;
const measures = ["min", "mean", "max", "count"] as const;
const MOST_TOLD = 3;

/** Daily buckets out of an answer: a line a bucket and variable, with its four numbers. */
export function dailyOf(body: string): Map<string, readonly number[]> {
  const { items } = JSON.parse(body) as { readonly items: readonly ({ readonly time: string } & Readonly<Record<string, Readonly<Record<string, number>>>>)[] };
  return new Map(items.flatMap((item) => tableVariables.map((variable) => [`${item.time} ${variable}`, measures.map((measure) => item[variable]?.[measure] ?? Number.NaN)] as const)));
}

/** Time and values of each row out of CSV, flags left out: a line a row. Comments are passed over. */
export function rawOf(body: string): string[] {
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const header = (lines.shift() ?? "").split(",");
  const places = ["time", "total_m3", "flow_lps", "level_m"].map((column) => header.indexOf(column));
  if (places.includes(-1)) throw new Error(`the CSV has the columns ${header.join(", ")}`);
  return lines.map((line) => {
    const fields = line.split(",");
    return places.map((place) => fields[place]).join(",");
  });
}

/** Fails unless both hold the same buckets with the same numbers. */
export function sameDaily(name: string, found: ReadonlyMap<string, readonly number[]>, expected: ReadonlyMap<string, readonly number[]>): void {
  const wrong = [...expected].filter(([bucket, numbers]) => !numbers.every((number, index) => isLike(found.get(bucket)?.[index], number))).map(([bucket]) => bucket);
  if (found.size !== expected.size || wrong.length > 0) throw new Error(`${name} gives ${found.size} of ${expected.size} daily numbers, ${wrong.length} others than expected: ${wrong.slice(0, MOST_TOLD).join(", ")}`);
}

/** Fails unless both hold the same rows in the same order. */
export function sameRaw(name: string, found: readonly string[], expected: readonly string[]): void {
  const wrong = expected.filter((row, index) => row !== found[index]);
  if (found.length !== expected.length || wrong.length > 0) throw new Error(`${name} gives ${found.length} of ${expected.length} rows, ${wrong.length} others than expected, first ${wrong[0] ?? "none"}`);
}

function isLike(found: number | undefined, expected: number): boolean {
  return found !== undefined && Math.abs(found - expected) <= Math.abs(expected) * LIKE;
}
