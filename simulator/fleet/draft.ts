import type { Kind } from "../kinds/kind.ts";

/** A reading in the making, which troubles may change. */
export interface Draft {
  readonly kind: Kind;
  /** By the device's clock. */
  timeUs: number;
  /** Whole numbers of each key's last decimal: the meter first, where there is one, then the sensors. */
  readonly values: number[];
  readonly kinds: string[];
}

/** What is sent beside a reading, later or at once. */
export type Extra = { readonly atUs: number } & (
  | { readonly is: "duplicate" }
  /** The key's place among the values, and what it says now. */
  | { readonly is: "corrected"; readonly place: number; readonly value: number }
  | { readonly is: "malformed"; readonly raw: string; readonly reason: string }
);

/** The way of a reading, which troubles may change. */
export interface Delivery {
  readonly draft: Draft;
  atUs: number;
  /** Nothing leaves the device before. */
  silentUntilUs: number;
  readonly extras: Extra[];
}
