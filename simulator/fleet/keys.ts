import type { KeyRow, Kind } from "../kinds/kind.ts";

const rows = new WeakMap<Kind, readonly KeyRow[]>();

/** What a device of a kind writes: its meter, where it has one, then its sensors. */
export function keysOf(kind: Kind): readonly KeyRow[] {
  let found = rows.get(kind);
  if (found === undefined) rows.set(kind, (found = kind.meter === undefined ? kind.sensors : [kind.meter, ...kind.sensors]));
  return found;
}
