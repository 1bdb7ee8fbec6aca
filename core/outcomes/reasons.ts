/** Closed registries: each code is a metric label and has a text in both languages in the catalogue. */

/** Why a group may let go of a sample on purpose. */
export const dropReasons = ["duplicate", "retained-without-time", "no-value", "not-numeric", "client-erased"] as const;
export type DropReason = (typeof dropReasons)[number];

/** Why an event is kept aside whole until a person decides. */
export const parkReasons = [
  "malformed-json", "malformed-csv", "malformed-number", "malformed-binary", "invalid-utf8", "too-deep", "too-large", "empty", "no-device", "no-samples",
  "wrong-type", "not-finite", "not-exact", "implausible-time", "awaits-birth", "unmapped-topic", "unsupported-format", "dead-format", "unknown-device", "unknown-client", "device-quota", "device-not-allowed",
  "wrong-magic", "unknown-schema", "corrupt-record", "rejected-by-store",
] as const;
export type ParkReason = (typeof parkReasons)[number];

/** Why a fact has the flag it has. */
export const flagReasons = [
  "above-range", "below-range", "rate", "flat-line", "gap-before", "clock-ahead", "late", "edge-time", "sentinel", "not-a-number",
  "total-decreased", "no-neighbour", "withdrawn", "counter-reset", "rollover", "meter-swap", "jitter", "truncated", "zero-kept", "jump", "estimated", "ignored",
  "spike", "impossible-level", "beyond-right", "corrected", "stuck-totaliser",
] as const;
export type FlagReason = (typeof flagReasons)[number];
