import { asInstantMs, asNumber, asRecord, asText } from "./read.ts";

/** A file of a work that an inspection asks for. */
export interface Certificate {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly by: string;
  readonly atMs: number | null;
}

export function readCertificate(value: unknown): Certificate | undefined {
  const row = asRecord(value);
  const id = asText(row["id"]);
  if (id === "") return undefined;
  return { id, name: asText(row["name"], id), note: asText(row["note"]), contentType: asText(row["contentType"]), bytes: asNumber(row["bytes"]), sha256: asText(row["sha256"]), by: asText(row["by"]), atMs: asInstantMs(row["at"]) };
}
