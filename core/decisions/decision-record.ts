import type { CollectionSpec } from "../ports/documents.ts";

/** A decision of the totaliser about one count. Document id: (point, variable, instant, kind), so a replay makes it once. */
export interface DecisionRecord {
  readonly client: string;
  readonly point: string;
  /** The counter, `pulses` or `total`. */
  readonly variable: string;
  readonly instantUs: number;
  /** reset, rollover, swap, truncated, zero, spike, dip, jump, ignored or accepted. */
  readonly kind: string;
  /** gone: later samples, or a person, made it otherwise. */
  readonly state: "made" | "gone";
  /** True when a person said so. */
  readonly said: boolean;
  /** The last count before it that counts, and the count itself, in the variable's unit. */
  readonly baseline: number | null;
  readonly count: number | null;
  /** m3 with it; null where the counter gives no volume. */
  readonly volumeM3: number | null;
  /** Of the point event that it follows from. */
  readonly knownAtUs: number;
  readonly causeId: string;
}

export const decisionCollection: CollectionSpec = { name: "totaliser-decisions", tenant: true, indexes: [["client", "state"], ["point", "instantUs"], ["state", "instantUs"], ["client", "instantUs"], ["instantUs"]] };
