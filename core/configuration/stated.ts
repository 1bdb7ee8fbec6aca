/**
 * What people say of a device and its points, as it stands in files and in answers: plain names, RFC 3339 times, nothing that a machine
 * notes, nothing secret. In the normal form lists and names are in order and what goes without saying is left out, so equal
 * configurations have equal JSON.
 */
export interface StatedDevice {
  readonly client: string;
  readonly device: string;
  readonly keys: readonly StatedMeaning[];
  /** Points that keys feed besides the one that they mean: one barometer, many wells. */
  readonly feeds?: readonly StatedFeed[];
  readonly points: readonly StatedPoint[];
}

/** What a key means from an instant on. */
export interface StatedMeaning {
  /** The source's own name for the value. */
  readonly key: string;
  /** Absent: from the first reading. */
  readonly validFrom?: string;
  /** Absent: the device's main point. */
  readonly channel?: string;
  /** Id of a point that is not this device's own channel. */
  readonly point?: string;
  readonly variable: string;
  /** Unit that the source's values are in. */
  readonly unit: string;
  /** true: nobody said so yet. */
  readonly guessed?: boolean;
  /** true: no measurement. */
  readonly ignored?: boolean;
}

/** A key's samples are also a variable of another point. */
export interface StatedFeed {
  readonly key: string;
  /** Id of a point of the same client. */
  readonly point: string;
  readonly variable: string;
  /** Absent: from the first reading. */
  readonly validFrom?: string;
  /** First instant that it holds for no longer; absent: it holds on. */
  readonly validUntil?: string;
}

/** A point of the device. Its id follows from client, device and channel. */
export interface StatedPoint {
  /** Absent: the device's main point. */
  readonly channel?: string;
  readonly name: string;
  /** Absent: learned from the data. */
  readonly periodS?: number;
  /** Limits of the quality tests, by variable. */
  readonly limits?: Readonly<Record<string, readonly StatedPeriod[]>>;
  readonly settings?: readonly StatedPeriod[];
}

/** Values by name from an instant on, `validFrom` beside them; absent: from the first reading. null takes a value away from then on. */
export type StatedPeriod = Readonly<Record<string, string | number | null>>;

/** A client as it stands in files. */
export interface StatedClient {
  readonly client: string;
  readonly name: string;
}

export const VALID_FROM = "validFrom";
/** Order of code units: the same everywhere, whatever the locale. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One text for one configuration, to compare and to make tags of. In normal form equal configurations have equal texts. */
export function statedText(stated: StatedDevice | StatedClient): string {
  return JSON.stringify(stated);
}
