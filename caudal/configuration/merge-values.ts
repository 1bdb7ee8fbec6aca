import { VALID_FROM, type StatedPeriod } from "@caudal/core";
import type { Change } from "./change.ts";

type Values = Readonly<Record<string, unknown>>;

export interface Merging {
  /** What the installation alone has goes. */
  readonly prune: boolean;
  note(change: Change): void;
}

/** Values of a period or of limits: each name on its own. */
function mergedValues(said: Values, held: Values, field: string, { prune, note }: Merging): Values {
  const after: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(held), ...Object.keys(said)])) {
    const at = `${field}.${name}`;
    if (!(name in said)) {
      note({ kind: prune ? "removed" : "only-here", field: at, before: held[name] });
      if (!prune) after[name] = held[name];
      continue;
    }
    after[name] = said[name];
    if (!(name in held)) note({ kind: "added", field: at, after: said[name] });
    else if (held[name] !== said[name]) note({ kind: "changed", field: at, before: held[name], after: said[name] });
  }
  return after;
}

/** Periods by their start. */
export function mergedPeriods(said: readonly StatedPeriod[], held: readonly StatedPeriod[], field: string, merging: Merging): StatedPeriod[] {
  const [saidBy, heldBy] = [byStart(said), byStart(held)];
  const merged: StatedPeriod[] = [];
  for (const start of new Set([...heldBy.keys(), ...saidBy.keys()])) {
    const values = mergedValues(saidBy.get(start) ?? {}, heldBy.get(start) ?? {}, start === "" ? field : `${field}[${start}]`, merging);
    if (Object.keys(values).length > 0) merged.push({ ...(start === "" ? {} : { [VALID_FROM]: start }), ...values });
  }
  return merged;
}

function byStart(periods: readonly StatedPeriod[]): Map<string, Values> {
  return new Map(periods.map(({ [VALID_FROM]: start, ...values }) => [typeof start === "string" ? start : "", values]));
}

/** Items that are each one word: what is said of one replaces what was. `whole` items belong together: what is not said of such goes. */
export function mergedItems<T extends object>(said: readonly T[], held: readonly T[], { fieldOf, fields, whole = () => false }: {
  readonly fieldOf: (item: T) => string;
  readonly fields: readonly (keyof T & string)[];
  readonly whole?: (item: T) => boolean;
}, { prune, note }: Merging): T[] {
  const heldBy = new Map(held.map((item) => [fieldOf(item), item]));
  const merged = [...said];
  for (const item of said) {
    const field = fieldOf(item);
    const before = heldBy.get(field);
    heldBy.delete(field);
    if (before === undefined) note({ kind: "added", field, after: shown(item, fields) });
    else for (const name of fields) if (before[name] !== item[name]) note({ kind: "changed", field: `${field}.${name}`, before: before[name] ?? null, after: item[name] ?? null });
  }
  for (const [field, item] of heldBy) {
    const goes = prune || whole(item);
    note({ kind: goes ? "removed" : "only-here", field, before: shown(item, fields) });
    if (!goes) merged.push(item);
  }
  return merged;
}

function shown<T extends object>(item: T, fields: readonly (keyof T & string)[]): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}
