import { commonSpans, type Checkpoint } from "./checkpoints.ts";
import type { Residual } from "./findings.ts";
import type { LineBody } from "./line.ts";

/** Somebody's count of a partition: a group that read it, or the one that filled it. */
interface Counter {
  readonly group: string;
  readonly checkpoints: readonly Checkpoint[];
}

interface Difference {
  readonly from: number;
  readonly to: number;
  readonly mine: number;
  readonly theirs: number;
  readonly other: string;
}

/** Where groups that read the same records of a partition, and the group that published them, counted different facts. */
export function disagreements(lines: readonly LineBody[]): Residual[] {
  const places = new Map<string, { topic: string; partition: number; counters: Counter[] }>();
  const at = (topic: string, partition: number): Counter[] => {
    const id = `${topic}/${partition}`;
    let place = places.get(id);
    if (place === undefined) places.set(id, (place = { topic, partition, counters: [] }));
    return place.counters;
  };
  for (const { group, topic, partition, checkpoints, published } of lines) {
    if (checkpoints !== undefined) at(topic, partition).push({ group, checkpoints });
    if (published !== undefined) at(published.topic, partition).push({ group, checkpoints: published.checkpoints });
  }
  return [...places.values()].flatMap(({ topic, partition, counters }) => outliers(counters).map(({ group, difference: { from, to, mine, theirs, other } }): Residual => ({
    check: "agreement", group, topic, partition, fromOffset: from, toOffset: to, missing: theirs - mine, detail: `${group} counted ${mine} facts, ${other} ${theirs}`,
  })));
}

/** Takes out whoever disagrees with most of the others, until those who are left agree. */
function outliers(counters: readonly Counter[]): { readonly group: string; readonly difference: Difference }[] {
  const found: { group: string; difference: Difference }[] = [];
  let left = [...counters];
  while (left.length > 1) {
    const judged = left.map((counter) => ({ counter, differences: differencesOf(counter, left) }));
    const worst = judged.filter(({ differences }) => differences.length > 0).sort((a, b) => othersOf(b.differences) - othersOf(a.differences) || deficit(b.differences) - deficit(a.differences))[0];
    if (worst === undefined) break;
    left = left.filter((counter) => counter !== worst.counter);
    const told = worst.differences[0]!.other;
    found.push(...worst.differences.filter(({ other }) => other === told).map((difference) => ({ group: worst.counter.group, difference })));
  }
  return found;
}

function differencesOf(counter: Counter, all: readonly Counter[]): Difference[] {
  return all.filter((other) => other !== counter).flatMap((other) =>
    commonSpans(counter.checkpoints, other.checkpoints).filter(({ a, b }) => a !== b).map(({ from, to, a, b }) => ({ from, to, mine: a, theirs: b, other: other.group })));
}

const othersOf = (differences: readonly Difference[]): number => new Set(differences.map(({ other }) => other)).size;
const deficit = (differences: readonly Difference[]): number => differences.reduce((sum, { mine, theirs }) => sum + theirs - mine, 0);
