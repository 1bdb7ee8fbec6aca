import { formatInstant, newestEntry, type DeviceRecord } from "@caudal/core";
import { z } from "zod";
import type { PresenceRecord } from "./presence.ts";

export const deviceSchema = z.object({
  client: z.string(), device: z.string(), state: z.enum(["active", "waiting"]), transport: z.string(), source: z.string(),
  firstSeen: z.string(), lastSeen: z.string().nullable(), presence: z.enum(["online", "offline", "unknown"]),
  detail: z.string().describe("Why it was refused or went away; empty when nothing is wrong."),
  keys: z.array(z.object({ key: z.string(), variable: z.string(), unit: z.string(), guessed: z.boolean(), point: z.string() })),
  points: z.array(z.string()), labels: z.record(z.string(), z.string()),
  readings: z.number().nullable().describe("Readings that are kept until it is adopted; null of an active device."),
});
export type DeviceView = z.input<typeof deviceSchema>;

/** A device as the API shows it: of an active one what its keys mean now, of a waiting one the keys seen. */
export function deviceView(body: DeviceRecord, presence: PresenceRecord | undefined, readings: number | null): DeviceView {
  const { client, device, state, entries, keysSeen, labels, firstSeenAtUs } = body;
  const inForce = entries.filter((entry) => newestEntry(entries, entry.key) === entry);
  const waiting = keysSeen.map((key) => ({ key, variable: "", unit: "", guessed: true, point: "" }));
  return {
    client, device, state, transport: presence?.transport ?? "", source: presence?.source ?? "", firstSeen: formatInstant(firstSeenAtUs),
    lastSeen: presence === undefined ? null : formatInstant(presence.lastSeenAtUs), presence: presence?.presence ?? "unknown", detail: presence?.detail ?? "",
    keys: [...inForce.map(({ key, variable, unit, guessed, point }) => ({ key, variable, unit, guessed, point })), ...waiting],
    points: [...new Set(inForce.map((entry) => entry.point))], labels, readings,
  };
}
