import type { Outcome } from "@caudal/core";

/** Outcome of a step that never diverts. */
export type StepOutcome<T> = Exclude<Outcome<T>, { readonly kind: "divert" }>;
