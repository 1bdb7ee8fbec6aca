import type { RegulatorName } from "../regulators/regulators.ts";
import type { Quantity, SmaIds, Standard, WaterKind } from "../regulators/regulator.ts";

export type { Quantity, RegulatorName };

/** Whether what is due is sent: not at all, made ready but kept here, or sent. */
export type SendMode = "off" | "shadow" | "live";

/** Where a quantity of a work comes from. Several feeds of one quantity are added up (a work with two meters), which only flow and total may be. */
export interface Feed {
  readonly quantity: Quantity;
  readonly point: string;
  /** Name in the catalogue of variables; its unit is converted to L/s, m3, m. */
  readonly variable: string;
}

/** What the holder may take. A month's row stands before the year's. */
export interface WaterRight {
  readonly flowLps?: number | undefined;
  readonly annualM3?: number | undefined;
  /** January first; null where the month has none of its own. */
  readonly monthly?: readonly ({ readonly flowLps?: number | undefined; readonly volumeM3?: number | undefined } | null)[] | undefined;
  /** 0.2: up to a fifth above is not held for review. */
  readonly tolerance: number;
}

/**
 * A work (obra) that reports. Document `regulator/code` of the tenant collection `obras`; each change is kept whole in `obra_versions` (`regulator/code/version`), with
 * author, reason and the instant from which it holds.
 */
export interface Obra {
  readonly client: string;
  /** `dga/OB-0602-7`: the work's chain in the ledger. */
  readonly work: string;
  readonly regulator: RegulatorName;
  readonly code: string;
  readonly name: string;
  readonly standard: Standard;
  /** Minutes between slots of a custom standard. */
  readonly everyMinutes?: number | undefined;
  readonly water: WaterKind;
  readonly levelMayBeMissing: boolean;
  readonly centreRut: string;
  readonly informantRut: string;
  readonly feeds: readonly Feed[];
  readonly right: WaterRight;
  /** Days after which an unsent slot must be declared as a failure. */
  readonly permittedDelayDays: number;
  /** A slot takes the measurement nearest to its instant within so many minutes on both sides. */
  readonly windowMinutes: number;
  /** A value stands still for so long before it is frozen, in minutes. */
  readonly settleMinutes: number;
  /** The instrument is known to be broken: stuck and zero are told, not held. Since when and why. */
  readonly knownDefect?: { readonly sinceUs: number; readonly reason: string } | undefined;
  /** First instant that this installation accounts for. */
  readonly submitFromUs: number;
  /** The work ended; no slots from here on. */
  readonly endsUs?: number | undefined;
  readonly mode: SendMode;
  readonly sma?: SmaIds | undefined;
  /** Starts at 1. */
  readonly version: number;
  readonly changedBy: string;
  readonly changedAtUs: number;
  readonly reason: string;
}

export const obraCollection = { name: "obras", tenant: true, unique: [["work"]], indexes: [["client"], ["regulator", "code"]] } as const;
export const obraVersionCollection = { name: "obra_versions", tenant: true, indexes: [["work", "version"], ["version"]] } as const;

export function workOf(regulator: RegulatorName, code: string): string {
  return `${regulator}/${code}`;
}
