import type { StatedFeed, StatedMeaning, StatedPeriod, StatedPoint } from "./stated.ts";

/** What a person wrote of a device: what is left out is as it goes without saying. */
export interface SaidDevice {
  readonly client: string;
  readonly device: string;
  readonly keys?: readonly SaidMeaning[] | undefined;
  readonly feeds?: readonly SaidFeed[] | undefined;
  readonly points?: readonly SaidPoint[] | undefined;
}

/** Without a unit the variable's own is meant. */
export type SaidMeaning = { readonly [N in keyof Omit<StatedMeaning, "unit">]: StatedMeaning[N] | undefined } & Pick<StatedMeaning, "key" | "variable"> & { readonly unit?: string | undefined };

/** Without a variable the key's own is meant. */
export type SaidFeed = Pick<StatedFeed, "key" | "point"> & { readonly [N in Exclude<keyof StatedFeed, "key" | "point">]?: string | undefined };

export interface SaidPoint {
  readonly channel?: string | undefined;
  /** Absent: made of the device's id. */
  readonly name?: string | undefined;
  readonly periodS?: number | null | undefined;
  readonly limits?: StatedPoint["limits"] | undefined;
  readonly settings?: readonly StatedPeriod[] | undefined;
}
