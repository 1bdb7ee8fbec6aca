import { checkedRut } from "../../compliance/identity/rut.ts";
import type { ObraDraft } from "../../compliance/obras/draft.ts";
import type { Standard, WaterKind } from "../../compliance/regulators/regulator.ts";
import type { MeasuredPoint } from "./measured.ts";

export const PASSWORD = "synthetic-year-password";
const standards: readonly Standard[] = ["medio", "mayor", "menor", "custom", "medio", "caudales-muy-pequenos", "menor"];
const waters: readonly WaterKind[] = ["groundwater", "surface-flowmeter", "surface-channel"];
/** Hourly works of a run, at most: a year of one is 8,760 slots. */
const MOST_HOURLY = 5;

export interface YearSpan {
  readonly startUs: number;
  readonly endUs: number;
}

/** Works of all standards and kinds of water; two or three share a control centre. */
export function yearWorks(count: number, { startUs, endUs }: YearSpan): ObraDraft[] {
  let hourly = 0;
  return Array.from({ length: count }, (_, at) => {
    const asked = standards[at % standards.length]!;
    const standard = asked === "mayor" && hourly >= MOST_HOURLY ? "medio" : asked;
    hourly += Number(standard === "mayor");
    const water = waters[at % waters.length]!;
    const point = `w${at + 1}`;
    const feeds: ObraDraft["feeds"] = [
      { quantity: "flow", point, variable: "flow" }, { quantity: "total", point, variable: "total" },
      ...(water === "groundwater" ? [{ quantity: "depth", point, variable: "depth" } as const] : water === "surface-channel" ? [{ quantity: "stage", point, variable: "level" } as const] : []),
    ];
    return {
      client: `client-${at % 4}`, regulator: "dga", code: `OB-${String(1 + (at % 16)).padStart(2, "0")}01-${at + 1}`, name: `Obra ${at + 1}`, standard, water, feeds,
      centreRut: rut(76_000_001 + Math.floor(at / 2.5)), informantRut: rut(12_000_001 + at), right: { flowLps: 30 }, mode: "live", submitFromUs: startUs, endsUs: endUs,
      ...(standard === "custom" ? { everyMinutes: 360 } : {}),
    };
  });
}

/** A made-up RUT with the check digit that it must have. */
function rut(digits: number): string {
  const wrong = checkedRut(`${digits}-0`);
  return wrong.ok ? wrong.rut : `${digits}-${wrong.expected ?? ""}`;
}

/** The points that feed the works, and what each measures. */
export function pointsOf(drafts: readonly ObraDraft[]): MeasuredPoint[] {
  return drafts.flatMap(({ client, feeds }) => [...Map.groupBy(feeds, ({ point }) => point)].map(([point, of]) => ({ client, point, variables: [...new Set(of.map(({ variable }) => variable))] })));
}
