import type { Text } from "@caudal/runtime";
import type { Quantity, RegisteredWork, SmaIds } from "./regulator.ts";

/** How works are registered at a regulator: what a person enters of one is held against it. Faults are told in both languages. */
export interface Registration {
  /** Quantities that it refuses to do without. */
  requires(work: Pick<RegisteredWork, "water" | "standard" | "levelMayBeMissing">): readonly Quantity[];
  codeFault(code: string): Text | undefined;
  idsFault(ids: SmaIds | undefined): Text | undefined;
  /** True of a user that is no RUT and may log in all the same. */
  takesUser(user: string): boolean;
}
