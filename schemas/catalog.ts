/** One row a record type: its folder here, and the topic that carries it. A new version is a new `vN.avsc` in the folder and a row in `registry.json`. */
export const recordTypes = [
  { name: "Reading", folder: "readings", topic: "caudal.readings" },
  { name: "PointEvent", folder: "points", topic: "caudal.points" },
  { name: "Measurement", folder: "measurements", topic: "caudal.measurements" },
  { name: "DevicePresence", folder: "devices", topic: "caudal.devices" },
  { name: "Parked", folder: "parked", topic: "caudal.parked" },
] as const;

export type RecordTypeRow = (typeof recordTypes)[number];
export type RecordName = RecordTypeRow["name"];
export type TopicName = RecordTypeRow["topic"];

/** Confluent's default subject naming: one record type a topic. */
export function subjectOf(topic: string): string {
  return `${topic}-value`;
}
