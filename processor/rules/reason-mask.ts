import { flagReasons, type FlagReason } from "@caudal/core";

/** Reasons as bits, in the registry's order: a fact's flag and reasons are kept as one number. */
const bits = new Map<string, number>(flagReasons.map((reason, index) => [reason, 1 << index]));
const lists = new Map<number, readonly FlagReason[]>();

export function maskOf(...reasons: readonly string[]): number {
  let mask = 0;
  for (const reason of reasons) mask |= bits.get(reason) ?? 0;
  return mask;
}

/** The reasons of a mask, sorted; the same array for the same mask. */
export function reasonsOf(mask: number): readonly FlagReason[] {
  let list = lists.get(mask);
  if (list === undefined) {
    list = flagReasons.filter((_, index) => (mask & (1 << index)) !== 0).sort();
    lists.set(mask, list);
  }
  return list;
}
