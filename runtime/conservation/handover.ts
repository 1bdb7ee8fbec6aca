import type { Checkpoint } from "./checkpoints.ts";
import type { Residual } from "./findings.ts";
import type { LineBody } from "./line.ts";

/** A line whose partition's samples were handed over to another group, by the offsets that they came from. */
type Giver = LineBody & { readonly handedOver: NonNullable<LineBody["handedOver"]> };

/**
 * Where the group that reads a topic took in other samples than were handed over to it, counted by the offsets that they came from. A giver is compared
 * once every taker is past what stood in the topic when the giver's count was made; others are left for another time.
 */
export function handoverDifferences(givers: readonly LineBody[], takers: readonly LineBody[]): Residual[] {
  return givers.filter((line): line is Giver => line.handedOver !== undefined).flatMap((giver) => {
    const { group, topic, partition, handedOver: { to, ends, checkpoints } } = giver;
    const readers = takers.filter((taker) => taker.topic === to && taker.takenFrom !== undefined);
    if (readers.length < ends.length || readers.some((reader) => reader.offset < (ends[reader.partition] ?? 0))) return [];
    const both = checkpoints.flatMap((checkpoint): { readonly offset: number; readonly given: number; readonly taken: number }[] => {
      const taken = readers.map(({ takenFrom }) => countAt(takenFrom?.[partition], checkpoint[0]));
      return taken.includes(undefined) ? [] : [{ offset: checkpoint[0], given: checkpoint[1], taken: taken.reduce<number>((sum, count) => sum + (count ?? 0), 0) }];
    });
    return both.slice(1).flatMap((after, index): Residual[] => {
      const before = both[index]!;
      const given = after.given - before.given;
      const taken = after.taken - before.taken;
      if (given === taken) return [];
      const detail = `${given} samples were handed over to ${to}, ${taken} were taken in`;
      return [{ check: "handover", group, topic, partition, fromOffset: before.offset, toOffset: after.offset, missing: given - taken, detail }];
    });
  });
}

/** The count of what came from below the offset; undefined where it was not kept. Whoever never had anything from there has 0. */
function countAt(checkpoints: readonly Checkpoint[] | undefined, offset: number): number | undefined {
  if (checkpoints === undefined) return 0;
  const last = checkpoints.at(-1);
  if (last !== undefined && last[0] < offset) return last[1];
  return checkpoints.find(([at]) => at === offset)?.[1];
}
