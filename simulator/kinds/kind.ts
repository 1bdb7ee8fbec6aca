import type { Random } from "../fleet/random.ts";
import type { TruthEvent } from "../truth/truth-event.ts";

/** A key as the device writes it: `decimals` after the point. The unit is the one that Caudal stores, so that values pass unchanged. */
export interface KeyRow {
  readonly key: string;
  readonly variable: string;
  readonly unit: string;
  readonly decimals: number;
}

/** What happens at a place, known exactly. */
export interface Place {
  /** Goes on from one instant to the next; millilitres that passed the meter meanwhile. */
  advance(fromUs: number, toUs: number): number;
  /** What the sensors see now, as whole numbers of each sensor's last decimal, in the order of `sensors`. */
  look(): readonly number[];
}

/** Truth without the device, which the caller adds. */
export type Told = TruthEvent extends infer E ? (E extends TruthEvent ? Omit<E, "device"> : never) : never;

export interface PlaceOptions {
  readonly random: Random;
  readonly startUs: number;
  readonly tell: (event: Told) => void;
}

/** A kind of device: its meter, where it has one, its sensors and its place. */
export interface Kind {
  readonly name: DeviceKind;
  /** Counts litres: whole ones with 0 decimals, cubic metres with 3. */
  readonly meter: KeyRow | undefined;
  readonly sensors: readonly KeyRow[];
  place(options: PlaceOptions): Place;
}

export const deviceKinds = ["household", "well", "channel", "kettle"] as const;
export type DeviceKind = (typeof deviceKinds)[number];
