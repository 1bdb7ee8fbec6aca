import { sha256 } from "./canonical.ts";
import { isText } from "./fields.ts";
import type { FindingList } from "./finding.ts";
import { jsonLines } from "./json-lines.ts";
import type { PackFile } from "./pack-files.ts";

/** Holds the bytes of each raw reading against the hash that was made when they arrived. */
export function checkReadings(file: PackFile, findings: FindingList): void {
  for (const { line, value: { raw, rawSha256 } } of jsonLines(file, findings)) {
    if (!isText(raw) || sha256(Buffer.from(raw, "base64")) !== rawSha256) findings.add("reading-hash", file.name, { line, detail: "its bytes are not those that arrived" });
  }
}
