export { recordTypes, subjectOf, type RecordName, type RecordTypeRow, type TopicName } from "./catalog.ts";
export { checkCompatibility, checkSchemas, fingerprint, type CheckedVersion, type SchemaFinding } from "./compatibility.ts";
export { ContainerWriter, decodeContainer, encodeContainer, type ArchivedRecord } from "./container.ts";
export { Codec, type Decoded, type RecordOf, type SchemaLookup } from "./codec.ts";
export { readSchemaFiles, type SchemaVersion } from "./files.ts";
export { readWireHeader, WIRE_HEADER_BYTES, writeWireHeader, type WireHeader } from "./wire.ts";
export type {
  DevicePresence, Fact, MappedSample, Measurement, Parked, PointEvent, Reading, Sample, Withdrawal,
} from "./generated/types.ts";
