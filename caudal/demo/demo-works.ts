import type { ObraDraft } from "@caudal/compliance";
import { pointIdOf } from "@caudal/core";
import { DEMO_CLIENT } from "./demo-note.ts";

/** A work of the demo, and what another platform had reported of it before. */
export interface DemoWork {
  readonly draft: ObraDraft;
  readonly code: string;
  /** Who informs for it as the regulator has it; another one than ours is refused for good. */
  readonly registeredInformant: string;
  /** Whole days that the earlier platform had sent, and what it began with. */
  readonly earlier: { readonly days: number; readonly totalM3: number; readonly flowLps: number; readonly depthM: number };
}

/** Made up; their check digits fit. */
export const demoCentre = "76543210-3";
export const demoInformant = "12345678-5";
const SOMEBODY_ELSE = "14000000-0";
export const demoPassword = "demo-only";

const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;

/** Works fed by wells of the demo's providers, the first accounted for since a month. Their codes have numbers that no work has. */
export function demoWorks(nowUs: number): readonly DemoWork[] {
  const shared = {
    regulator: "dga", client: DEMO_CLIENT, centreRut: demoCentre, informantRut: demoInformant, mode: "live", standard: "mayor", water: "groundwater", settleMinutes: 1,
  } as const;
  const well = (device: string): ObraDraft["feeds"] =>
    (["flow", "total", "depth"] as const).map((quantity) => ({ quantity, point: pointIdOf(DEMO_CLIENT, device), variable: quantity === "depth" ? "level" : quantity }));
  const work = (code: string, draft: Pick<ObraDraft, "name" | "feeds" | "right">, rest: Pick<DemoWork, "earlier"> & Partial<DemoWork>): DemoWork => ({
    code, registeredInformant: demoInformant, ...rest,
    draft: { ...shared, ...draft, code, submitFromUs: Math.floor(nowUs / HOUR_US) * HOUR_US - (rest.earlier.days + 1) * DAY_US },
  });
  return [
    work("OB-0602-9001", { name: "Pozo El Maitén", feeds: well("tdata-2"), right: { flowLps: 5, annualM3: 60_000 } }, { earlier: { days: 30, totalM3: 877_600, flowLps: 1.6, depthM: 34 } }),
    work("OB-0602-9002", { name: "Pozo Las Tórtolas", feeds: well("thingsboard-2"), right: { flowLps: 10, annualM3: 250_000 } }, { earlier: { days: 7, totalM3: 4_007_200, flowLps: 9, depthM: 37 } }),
    work("OB-0602-9003", { name: "Pozo La Quebrada", feeds: well("wiseconn-2"), right: { flowLps: 60, annualM3: 900_000 } }, { earlier: { days: 3, totalM3: 2_118_400, flowLps: 7, depthM: 42 }, registeredInformant: SOMEBODY_ELSE }),
  ];
}
