import type { ObraStatus } from "../../wire/obra-status.ts";

/** What a list of works may be narrowed to. */
export const obraFilters = ["all", "failing", "late", "review", "stopped"] as const;
export type ObraFilter = (typeof obraFilters)[number];

export const obraOrders = ["worst", "name", "next"] as const;
export type ObraOrder = (typeof obraOrders)[number];

const passes: Readonly<Record<ObraFilter, (obra: ObraStatus) => boolean>> = {
  all: () => true,
  failing: ({ counts, lateFailures }) => counts.missing + counts.refused + counts.unknown + counts.attention + lateFailures > 0,
  late: ({ counts }) => counts.late > 0,
  review: ({ counts }) => counts.review > 0,
  stopped: ({ stopped, mode }) => stopped !== null || mode !== "live",
};

export function countObras(obras: readonly ObraStatus[]): Readonly<Record<ObraFilter, number>> {
  return Object.fromEntries(obraFilters.map((filter) => [filter, obras.filter(passes[filter]).length])) as Record<ObraFilter, number>;
}

/** How bad it stands, the gravest first: a work that is stopped, what must be declared, holes, refusals, what the regulator holds otherwise, what nobody knows, what waits for a person, what came late. */
function severity({ stopped, lateFailures, counts }: ObraStatus): readonly number[] {
  return [stopped === null ? 0 : 1, lateFailures, counts.missing, counts.refused, counts.attention, counts.unknown, counts.review, counts.late];
}

export function worstFirst(a: ObraStatus, b: ObraStatus): number {
  const [left, right] = [severity(a), severity(b)];
  const index = left.findIndex((value, at) => value !== right[at]);
  return index === -1 ? byName(a, b) : (right[index] ?? 0) - (left[index] ?? 0);
}

function byName(a: ObraStatus, b: ObraStatus): number {
  return a.name.localeCompare(b.name) || a.work.localeCompare(b.work);
}

function soonestFirst(a: ObraStatus, b: ObraStatus): number {
  const time = ({ nextSlotMs }: ObraStatus) => nextSlotMs ?? Number.MAX_SAFE_INTEGER;
  return time(a) - time(b) || byName(a, b);
}

const orders: Readonly<Record<ObraOrder, (a: ObraStatus, b: ObraStatus) => number>> = { worst: worstFirst, name: byName, next: soonestFirst };

export interface ObraQuery {
  readonly text: string;
  readonly filter: ObraFilter;
  readonly client: string;
  readonly order: ObraOrder;
}

/** The works that a person asked for, in the order asked for. Accents and case do not count. */
export function chosenObras(obras: readonly ObraStatus[], { text, filter, client, order }: ObraQuery): ObraStatus[] {
  const wanted = folded(text).split(/\s+/).filter((word) => word !== "");
  return obras.filter((obra) => {
    const all = folded(`${obra.name} ${obra.work} ${obra.client}`);
    return passes[filter](obra) && (client === "" || obra.client === client) && wanted.every((word) => all.includes(word));
  }).sort(orders[order]);
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
