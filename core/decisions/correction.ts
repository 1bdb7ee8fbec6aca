import type { CollectionSpec } from "../ports/documents.ts";

/** What a person says of a variable of a point at some instants: another value, or null where there is none. */
export interface Correction {
  readonly variable: string;
  /** Different instants, in time order. */
  readonly timesUs: readonly number[];
  /** In the variable's stored unit; null takes what stands there back. */
  readonly value: number | null;
  readonly author: string;
  readonly reason: string;
}

/** Instants of one correction at most. */
export const MAX_CORRECTED = 1000;

/** The body of a correction event. */
export function correctionBody({ variable, timesUs, value, author, reason }: Correction): string {
  return JSON.stringify({ variable, timesUs, value, author, reason });
}

/** A correction as it was accepted. Document id: that of its event on caudal.points, which follows from it; one that takes others back has an event for each value. */
export interface CorrectionRecord extends Correction {
  readonly client: string;
  readonly point: string;
  /** When it was said; of corrections of one instant the later said holds. */
  readonly atUs: number;
  /** Of one that takes others back: what the source said at each of the instants, null where it has none; `value` is null then. */
  readonly restored?: readonly (number | null)[];
  /** True until its events stand on caudal.points. */
  readonly unpublished: boolean;
}

export const correctionCollection: CollectionSpec = { name: "corrections", tenant: true, indexes: [["point", "atUs"], ["unpublished", "atUs"]] };
