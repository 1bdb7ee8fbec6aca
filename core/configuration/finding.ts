import type { RefusedWhy } from "../directory/refused-change.ts";

/** What is wrong with a configuration at one place, before anything is written. */
export interface StatedFinding {
  /** From the document's root: `["keys", 3, "unit"]`. */
  readonly path: readonly (string | number)[];
  readonly why: RefusedWhy;
  /** What the words name. */
  readonly values: Readonly<Record<string, string>>;
}

export type Note = (path: StatedFinding["path"], why: RefusedWhy, values?: Readonly<Record<string, string>>) => void;
