// Written by schemas/generate-types.ts from the newest schemas; do not edit.

/** What a source said, untouched. */
export interface Reading {
  /** Identifies the event for ever; a redelivery carries the same. */
  readonly eventId: string;
  /** Tenant that owns it; first part of every store's key. */
  readonly client: string;
  /** The device's id, unique within its client. */
  readonly device: string;
  /** What brought it: mqtt, http, dropfolder, or a provider's name. */
  readonly source: string;
  /** How it came: mqtt, http, file, poll. */
  readonly transport: string;
  /** MQTT topic, HTTP path or file name that it came by. */
  readonly origin: string;
  /** Newest time that the source gave, microseconds since 1970 UTC; null when it gave none. */
  readonly observedAtUs: null | number;
  /** When our edge received it, microseconds since 1970 UTC. */
  readonly receivedAtUs: number;
  /** In the source's order. */
  readonly samples: readonly Sample[];
  /** Media type of raw. */
  readonly contentType: string;
  /** The bytes that this reading was decoded from. */
  readonly raw: Uint8Array;
  /** SHA-256 of raw, 32 bytes. */
  readonly rawSha256: Uint8Array;
  /** Free text about the event (batch, status, credit); never a measurement. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Something that happened to a measurement point: mapped samples, a change of configuration, a withdrawal. */
export interface PointEvent {
  /** Identifies the event for ever; a redelivery carries the same. */
  readonly eventId: string;
  /** Tenant that owns it; first part of every store's key. */
  readonly client: string;
  /** The point's opaque id. */
  readonly point: string;
  /** samples, configuration or remap; core's registry lists them. */
  readonly kind: string;
  /** Device that fed it; empty for events by people. */
  readonly device: string;
  /** Channel of the device; empty unless its keys are split. */
  readonly channel: string;
  /** What brought it. */
  readonly source: string;
  /** How it came. */
  readonly transport: string;
  /** Newest time that the source gave, microseconds since 1970 UTC; null when it gave none. */
  readonly observedAtUs: null | number;
  /** When our edge received it, microseconds since 1970 UTC. */
  readonly receivedAtUs: number;
  /** Event id of the reading or change that caused it. */
  readonly causeId: string;
  /** Partition of caudal.readings that the cause stands in; -1 when it stands in none. */
  readonly causePartition: number;
  /** Offset of the cause in that partition; -1 when it stands in none. */
  readonly causeOffset: number;
  /** Mapped samples, in the source's order. */
  readonly samples: readonly MappedSample[];
  /** Facts that no longer hold. */
  readonly withdrawn: readonly Withdrawal[];
  /** JSON of a configuration event. */
  readonly body: null | string;
  /** Free text about the event (batch, status, credit); never a measurement. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The facts that one event gave for a point at an instant. */
export interface Measurement {
  /** Identifies the event for ever; a redelivery carries the same. */
  readonly eventId: string;
  /** Tenant that owns it; first part of every store's key. */
  readonly client: string;
  /** The point's opaque id. */
  readonly point: string;
  /** Device that fed it; empty for events by people. */
  readonly device: string;
  /** Channel of the device. */
  readonly channel: string;
  /** What brought it. */
  readonly source: string;
  /** How it came. */
  readonly transport: string;
  /** Instant that the facts hold for, microseconds since 1970 UTC. */
  readonly instantUs: number;
  /** Newest time that the source gave, microseconds since 1970 UTC; null when it gave none. */
  readonly observedAtUs: null | number;
  /** When our edge received it, microseconds since 1970 UTC. */
  readonly receivedAtUs: number;
  /** First part of the revision: 0 computed, 1 a person's correction. */
  readonly authority: number;
  /** Second part of the revision, microseconds since 1970 UTC. */
  readonly knownAtUs: number;
  /** Event id of the point event that gave it. */
  readonly causeId: string;
  /** The facts. */
  readonly facts: readonly Fact[];
  /** Free text about the event (batch, status, credit); never a measurement. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Word of a device: seen, connected, gone, refused. */
export interface DevicePresence {
  /** Identifies the event for ever; a redelivery carries the same. */
  readonly eventId: string;
  /** Tenant that owns it; first part of every store's key. */
  readonly client: string;
  /** The device's id, unique within its client. */
  readonly device: string;
  /** seen, online, offline or refused; core's registry lists them. */
  readonly kind: string;
  /** What brought it: mqtt, http, dropfolder, or a provider's name. */
  readonly source: string;
  /** How it came: mqtt, http, file, poll. */
  readonly transport: string;
  /** Newest time that the source gave, microseconds since 1970 UTC; null when it gave none. */
  readonly observedAtUs: null | number;
  /** When our edge received it, microseconds since 1970 UTC. */
  readonly receivedAtUs: number;
  /** Why, in words, for refused and offline. */
  readonly detail: string;
  /** Free text about the event (batch, status, credit); never a measurement. */
  readonly labels: Readonly<Record<string, string>>;
}

/** An event that one consumer group could not use, kept byte for byte. */
export interface Parked {
  /** Identifies the event for ever; a redelivery carries the same. */
  readonly eventId: string;
  /** Tenant that owns it; first part of every store's key. */
  readonly client: string;
  /** Consumer group that could not use it; collector for what an edge could not decode. */
  readonly group: string;
  /** Topic of the log it came from; empty when an edge parked it. */
  readonly topic: string;
  /** Partition of that topic; -1 when an edge parked it. */
  readonly partition: number;
  /** Offset in that partition; -1 when an edge parked it. */
  readonly offset: number;
  /** Key of the record, or the device as far as it is known. */
  readonly key: string;
  /** Device, as far as it is known. */
  readonly device: string;
  /** What brought it. */
  readonly source: string;
  /** How it came. */
  readonly transport: string;
  /** MQTT topic, HTTP path or file name that it came by. */
  readonly origin: string;
  /** Code from core's registry of reasons to park. */
  readonly reason: string;
  /** What was wrong, in words; holds no secret. */
  readonly detail: string;
  /** Newest time that the source gave, microseconds since 1970 UTC; null when it gave none. */
  readonly observedAtUs: null | number;
  /** When our edge received it, microseconds since 1970 UTC. */
  readonly receivedAtUs: number;
  /** Media type of the whole value. */
  readonly contentType: string;
  /** The bytes, or one part of them. */
  readonly value: Uint8Array;
  /** Which part this is, from 0. */
  readonly part: number;
  /** How many parts the whole has. */
  readonly parts: number;
  /** SHA-256 of the whole value, 32 bytes. */
  readonly wholeSha256: Uint8Array;
  /** Headers of the record. */
  readonly headers: Readonly<Record<string, string>>;
  /** Free text about the event (batch, status, credit); never a measurement. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One key of the reading. */
export interface Sample {
  /** The source's own name for the value. */
  readonly key: string;
  /** As the source wrote it; text stays text. */
  readonly value: null | number | string | boolean;
  /** Unit as the source wrote it, when it did. */
  readonly unit: null | string;
  /** Source time in microseconds since 1970 UTC; null when it gave none. */
  readonly timeUs: null | number;
}

/** One sample, mapped to a variable and its canonical unit. */
export interface MappedSample {
  /** Variable of the point. */
  readonly variable: string;
  /** The source's own name. */
  readonly key: string;
  /** In the variable's canonical unit; null when the source said that it has none. */
  readonly value: null | number;
  /** Instant of the sample, microseconds since 1970 UTC. */
  readonly timeUs: number;
  /** source, or edge when the source gave no time. */
  readonly timeFrom: string;
  /** Flag reasons that mapping already knows (a sentinel, a clock ahead). */
  readonly reasons: readonly string[];
}

/** A fact taken back. */
export interface Withdrawal {
  /** Variable of the fact. */
  readonly variable: string;
  /** Instant of the fact. */
  readonly timeUs: number;
}

/** One variable of the point at the instant. */
export interface Fact {
  /** Variable of the point. */
  readonly variable: string;
  /** In the variable's canonical unit; null when there is none (see reasons). */
  readonly value: null | number;
  /** QARTOD: 1 good, 2 not evaluated, 3 suspect, 4 bad. */
  readonly flag: number;
  /** Reason codes that led to the flag, sorted. */
  readonly reasons: readonly string[];
}
