import type { CollectionSpec } from "../ports/documents.ts";

/** A tenant. Document id: the client's id, a slug of [a-z0-9-]. */
export interface ClientRecord {
  readonly client: string;
  readonly name: string;
  readonly createdAtUs: number;
}

/** What a device's key means, from an instant on. */
export interface DirectoryEntry {
  /** The source's own name for the value. */
  readonly key: string;
  readonly channel: string;
  readonly point: string;
  readonly variable: string;
  /** Unit that the source's values are in. */
  readonly unit: string;
  /** True until a person said so. */
  readonly guessed: boolean;
  /** Instant from which it holds; null holds from the first reading. */
  readonly validFromUs: number | null;
  /** A person decided that the key is not a measurement. */
  readonly ignored?: boolean;
}

/** A point that a key's samples go to besides the one of its entry, from an instant on and up to before another: one barometer, many wells. */
export interface DirectoryFeed {
  readonly key: string;
  /** Of the same client. */
  readonly point: string;
  /** Which variable of that point they are; the unit of the source's values is the entry's that holds at the instant. */
  readonly variable: string;
  /** null: from the first reading. */
  readonly validFromUs: number | null;
  /** First instant that it holds for no longer; null: it holds on. */
  readonly validUntilUs: number | null;
}

/** A device of a client. Document id: `deviceKey(client, device)`. */
export interface DeviceRecord {
  readonly client: string;
  readonly device: string;
  /** active: mapped. waiting: its readings are parked until somebody adopts it. */
  readonly state: "active" | "waiting";
  readonly entries: readonly DirectoryEntry[];
  /** By key, point and time, none of one key and point at the same instant; absent of a device that feeds no points but those of its entries. */
  readonly feeds?: readonly DirectoryFeed[];
  /** Labels of its first reading (credit, compressed time …). */
  readonly labels: Readonly<Record<string, string>>;
  /** Keys met while waiting, so that a person sees what it sends. */
  readonly keysSeen: readonly string[];
  readonly firstSeenAtUs: number;
  /** Grows with each change of `entries`, `feeds` or `state`: mapping remaps the past when it does. */
  readonly directoryVersion: number;
  /** When that change was made: the received time of what follows from it. */
  readonly changedAtUs: number;
}

/** Limits of the quality tests of one variable of a point; absent ones take the variable's defaults. */
export interface VariableConfig {
  readonly min?: number;
  readonly max?: number;
  /** Change a second that is suspect. */
  readonly maxRatePerS?: number;
  /** Seconds without any change that are suspect. */
  readonly flatLineS?: number;
  /** Distance above both neighbours, or below both, that is suspect. */
  readonly spike?: number;
  /** Of a counter: m3 that passed by the point's flow while the count stood still that are suspect. */
  readonly stuckM3?: number;
}

/** Limits of one variable that a person gave from an instant on; null takes the default again from then on. */
export interface LimitPeriod {
  readonly variable: string;
  /** null: from the first reading. */
  readonly validFromUs: number | null;
  readonly values: { readonly [N in keyof VariableConfig]?: VariableConfig[N] | null };
  readonly changedAtUs: number;
  readonly changedBy: string;
  readonly reason?: string;
}

/** What a point is made of, and how its numbers become measurements; `pointSettingRows` says what each means and may be. */
export interface PointSettings {
  readonly counter?: "pulses" | "total";
  readonly pulseFactorL?: number;
  readonly dialStartM3?: number;
  readonly counterModulus?: number;
  readonly counterJitter?: number;
  readonly reconnectionS?: number;
  readonly sensorDepthM?: number;
  readonly pumpDepthM?: number;
  readonly wellDepthM?: number;
  readonly pipeDiameterMm?: number;
  readonly meterDiameterMm?: number;
  readonly levelKind?: "water-column" | "depth-to-water" | "pressure" | "current" | "distance-from-top";
  readonly levelOffset?: number;
  readonly levelDivisor?: number;
  readonly currentRangeM?: number;
  readonly barometer?: "none" | "point";
  readonly barometerWindowS?: number;
  readonly rightFlowLps?: number;
  readonly rightTolerance?: number;
}

/** Settings that a person gave from an instant on; null unsets one from then on. */
export interface PointPeriod {
  /** null: from the first reading. */
  readonly validFromUs: number | null;
  readonly values: { readonly [N in keyof PointSettings]?: PointSettings[N] | null };
  readonly changedAtUs: number;
  readonly changedBy: string;
  /** Absent where nobody gave one. */
  readonly reason?: string;
}

/** A measurement point. Document id: the point's id. */
export interface PointRecord {
  readonly client: string;
  readonly point: string;
  readonly name: string;
  readonly device: string;
  readonly channel: string;
  /** Other devices of the client whose keys were made to feed the point, by an entry or beside one; any of them may have stopped since. */
  readonly feeders: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly adoptedBy: "auto" | "person";
  readonly createdAtUs: number;
  /** Seconds between readings, when a person said so; else it is learned from the data. */
  readonly periodS: number | null;
  /** Limits by variable from before they had periods; they hold from the first reading on. Empty since somebody gave any anew. */
  readonly variables: Readonly<Record<string, VariableConfig>>;
  /** Limits, by variable and in time order; absent while nobody gave any since they have periods. `limitPeriodsOf` gives both. */
  readonly limits?: readonly LimitPeriod[];
  /** In time order; absent while nobody gave any. What was replaced stands in the configuration events of the archive. */
  readonly settings?: readonly PointPeriod[];
  /** 1 when it was made, one more with each change by a person. The document's own version also counts what machines note in it. */
  readonly revision: number;
  readonly changedAtUs: number;
  readonly changedBy: string;
  /** True until the change stands on caudal.points. */
  readonly unpublished: boolean;
}

export const clientCollection: CollectionSpec = { name: "clients", tenant: true };
export const deviceCollection: CollectionSpec = {
  name: "devices", tenant: true, indexes: [["client", "device"], ["device"], ["changedAtUs"], ["state"]],
};
export const pointCollection: CollectionSpec = {
  name: "points", tenant: true, indexes: [["client", "name"], ["device"], ["unpublished"], ["name"]],
};

/** Key of a device in the log and id of its document. Client ids hold no slash. */
export function deviceKey(client: string, device: string): string {
  return `${client}/${device}`;
}
