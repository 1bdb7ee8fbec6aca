import type { FactRun, Words } from "@caudal/core";
import type { PointLoader } from "./point-loader.ts";
import type { PointState } from "./point-state.ts";

const MOST_HOURS_AT_ONCE = 8;

/** Finds what is the newest fact now of variables whose newest was withdrawn, hour by hour back. Empties `variables` as far as there is one. */
export async function settleNewest(point: PointState, variables: Set<number>, { loader, words }: { readonly loader: PointLoader; readonly words: Words }): Promise<void> {
  const newestUs = Math.max(...Array.from(variables, (variable) => point.newestInstantUs(variable)));
  for (const variable of variables) point.forgetNewest(variable);
  // Hours that this very write begins have no key yet.
  const hours = [...new Set([...point.hoursFrom(newestUs), ...point.known.keys()])].sort((a, b) => b - a);
  for (let at = 0, size = 1; at < hours.length && variables.size > 0; at += size, size = Math.min(size * 2, MOST_HOURS_AT_ONCE)) {
    for (const hour of await loader.peek(point, hours.slice(at, at + size))) if (hour !== undefined) settleFrom(point, hour.run, variables, words);
  }
}

function settleFrom(point: PointState, { facts, start, end }: FactRun, variables: Set<number>, words: Words): void {
  for (let i = end - 1; i >= start && variables.size > 0 && facts.instants[i]! >= point.floorUs; i--) {
    const variable = facts.variables[i]!;
    if (!variables.has(variable) || words.isWithdrawn(facts.reasons[i]!)) continue;
    point.note(facts, i, false);
    variables.delete(variable);
  }
}
