import type { ArchivedReading } from "./evidence.ts";
import type { KnownMessage } from "./expectation.ts";
import type { Findings } from "./findings.ts";

/** An archived reading, as it is kept while its shard waits. */
export type ArchivedAt = Pick<ArchivedReading, "device" | "samples" | "rawSha256" | "isWhole">;

/**
 * Every acknowledged reading must be in the archive as it was sent: each of its samples, as often as messages with it were acknowledged, in a
 * record whose raw bytes are those of its hash; and nothing that nobody sent.
 */
export function judgeArchive(device: string, messages: readonly KnownMessage[], archived: readonly ArchivedAt[], findings: Findings): ReadonlySet<number> {
  const held = new Map<string, number>();
  for (const { samples, isWhole, rawSha256 } of archived) {
    findings.look("archived readings");
    if (!isWhole) findings.add({ kind: "archive-damaged", where: "archive", device, detail: "the raw bytes are not those of the hash beside them", found: rawSha256 });
    for (const { key, timeUs, value } of samples) {
      const id = keyOf(key, timeUs ?? NaN, typeof value === "string" ? Number(value) : Number(value ?? NaN));
      held.set(id, (held.get(id) ?? 0) + 1);
    }
  }
  const sent = new Set<string>();
  const missing = new Set<number>();
  for (const message of messages) {
    if (message.expect.startsWith("parked:")) continue;
    for (const { key, timeUs, value } of message.samples) {
      const id = keyOf(key, timeUs, value ?? NaN);
      sent.add(id);
      if (message.outcome !== "acknowledged") continue;
      const left = held.get(id) ?? 0;
      if (left > 0) {
        held.set(id, left - 1);
        continue;
      }
      missing.add(message.seq);
      findings.add({ kind: "not-archived", where: "archive", device, seq: message.seq, key, instantUs: timeUs, detail: "acknowledged, and no archived reading holds it as it was sent", expected: value });
    }
  }
  for (const { samples } of archived) {
    for (const { key, timeUs, value } of samples) {
      if (timeUs === null || sent.has(keyOf(key, timeUs, Number(value ?? NaN)))) continue;
      findings.add({ kind: "archive-invented", where: "archive", device, key, instantUs: timeUs, detail: "archived, and nobody sent it", found: value });
    }
  }
  return missing;
}

function keyOf(key: string, timeUs: number, value: number): string {
  return `${timeUs} ${value} ${key}`;
}
