import type { Obra } from "../../wire/obra.ts";

/** Parts of a work that a version may change, as its texts name them. */
export const obraParts = [
  "name", "client", "standard", "water", "level", "centre", "informant", "ids", "feeds", "right-flow", "right-annual", "right-monthly", "right-tolerance", "delay", "window", "settle", "defect", "from", "ends", "mode",
] as const;
export type ObraPart = (typeof obraParts)[number];

const valueOf: Readonly<Record<ObraPart, (obra: Obra) => unknown>> = {
  name: ({ name }) => name, client: ({ client }) => client, standard: ({ standard, everyMinutes }) => [standard, everyMinutes], water: ({ water }) => water, level: ({ levelMayBeMissing }) => levelMayBeMissing,
  centre: ({ centreRut }) => centreRut, informant: ({ informantRut }) => informantRut, ids: ({ ids }) => ids, feeds: ({ feeds }) => feeds, "right-flow": ({ right }) => right.flowLps, "right-annual": ({ right }) => right.annualM3,
  "right-monthly": ({ right }) => (right.monthly.every((month) => month === null) ? [] : right.monthly), "right-tolerance": ({ right }) => right.tolerance, delay: ({ permittedDelayDays }) => permittedDelayDays,
  window: ({ windowMinutes }) => windowMinutes, settle: ({ settleMinutes }) => settleMinutes, defect: ({ knownDefect }) => knownDefect, from: ({ submitFromMs }) => submitFromMs, ends: ({ endsMs }) => endsMs, mode: ({ mode }) => mode,
};

/** Equal texts are equal parts. */
export function partValue(part: ObraPart, obra: Obra): string {
  return JSON.stringify(valueOf[part](obra));
}

/** What two versions say otherwise. */
export function changedParts(before: Obra, after: Obra): ObraPart[] {
  return obraParts.filter((part) => partValue(part, before) !== partValue(part, after));
}
