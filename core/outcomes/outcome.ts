import type { DropReason, ParkReason } from "./reasons.ts";

/** What a step made of its input. A throw is a bug. */
export type Outcome<T, Output extends string = never> =
  | { readonly kind: "keep"; readonly value: T }
  | { readonly kind: "drop"; readonly why: DropReason }
  | { readonly kind: "park"; readonly why: ParkReason; readonly detail: string }
  | { readonly kind: "divert"; readonly to: Output; readonly value: T };

export function keep<T>(value: T): Outcome<T> {
  return { kind: "keep", value };
}

export function drop(why: DropReason): { readonly kind: "drop"; readonly why: DropReason } {
  return { kind: "drop", why };
}

export function park(why: ParkReason, detail: string): { readonly kind: "park"; readonly why: ParkReason; readonly detail: string } {
  return { kind: "park", why, detail };
}
