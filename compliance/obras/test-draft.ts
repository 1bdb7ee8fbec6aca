import type { ObraDraft } from "./draft.ts";

/** A well of the synthetic example: hourly, with flow, total and depth of one point. */
export function draft(over: Partial<ObraDraft> = {}): ObraDraft {
  return {
    client: "acme", regulator: "dga", code: "OB-0602-7", name: "Pozo 7", standard: "mayor", water: "groundwater", centreRut: "76543210-3", informantRut: "12345678-5",
    feeds: [{ quantity: "flow", point: "p7", variable: "flow" }, { quantity: "total", point: "p7", variable: "total" }, { quantity: "depth", point: "p7", variable: "depth" }],
    right: { flowLps: 20, annualM3: 500_000 }, submitFromUs: 1_767_240_000_000_000, ...over,
  };
}
