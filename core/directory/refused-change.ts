import { CaudalError } from "../errors.ts";

/** Why a person's change cannot be; each has a text in both languages where people configure. */
export type RefusedWhy =
  | "name-length" | "period" | "no-device" | "unknown-device" | "unknown-key" | "ambiguous-key" | "channel" | "variable-id" | "unit-length" | "unit"
  | "shared-variable" | "unknown-point" | "limit" | "limit-unknown" | "min-above-max" | "limits-elsewhere" | "too-many-entries" | "too-many-feeders"
  | "feed-period" | "feed-ignored" | "fed-already" | "fed-by-other" | "fed-elsewhere" | "too-many-feeds"
  | "setting-unknown" | "setting-value" | "setting-time" | "too-many-periods"
  | "client-id" | "device-id" | "key-length" | "repeated" | "client-erased";

/** What a refusal is about. */
export interface RefusalPlace {
  /** `name`, `periodS`, or the field of the key's change: `unit`, `variable`, `min` … */
  readonly field: string;
  /** The very object of the request; absent where no single one is at fault. */
  readonly change?: { readonly key: string };
  /** What the words name: the key, the unit that was meant, those that fit … */
  readonly values?: Readonly<Record<string, string>>;
}

/** A change of a point that cannot be, before anything was written. */
export class RefusedChange extends CaudalError {
  readonly why: RefusedWhy;
  readonly place: RefusalPlace;

  constructor(why: RefusedWhy, place: RefusalPlace, message: string) {
    super("bad-request", place.change === undefined ? message : `${JSON.stringify(place.change.key)} ${message}`);
    this.why = why;
    this.place = place;
  }
}
