import { formatInstant, newestEntry, type DeviceRecord } from "@caudal/core";
import { z } from "zod";
import type { PresenceRecord } from "./presence-record.ts";

export const deviceSchema = z.object({
  client: z.string(), device: z.string(), state: z.enum(["active", "waiting"]), transport: z.string(), source: z.string(),
  firstSeen: z.string(), lastSeen: z.string().nullable(), presence: z.enum(["online", "offline", "silent", "unknown"]).describe("silent: its data stopped, whatever its connection says."),
  newest: z.string().nullable().describe("Newest source time of its data, over all variables; null of a device that never sent any."),
  periodS: z.number().nullable().describe("Seconds between its data: its points' own, or learned; null while nobody knows."),
  silentSince: z.string().nullable().describe("Newest source time of a device that is silent; null of any other."),
  detail: z.string().describe("Why it was refused or went away; empty when nothing is wrong."),
  keys: z.array(z.object({ key: z.string(), variable: z.string(), unit: z.string(), guessed: z.boolean(), point: z.string() })),
  feeds: z.number().describe("Points that its keys feed besides their own; GET …/feeds lists them."),
  points: z.array(z.string()), labels: z.record(z.string(), z.string()),
  readings: z.number().nullable().describe("Readings that are kept until it is adopted; null of an active device."),
});
export type DeviceView = z.input<typeof deviceSchema>;

/** A device as the API shows it: of an active one what its keys mean now, of a waiting one the keys seen. */
export function deviceView(body: DeviceRecord, presence: PresenceRecord | undefined, readings: number | null): DeviceView {
  const { client, device, state, entries, feeds = [], keysSeen, labels, firstSeenAtUs } = body;
  const inForce = entries.filter((entry) => newestEntry(entries, entry.key) === entry);
  const waiting = keysSeen.map((key) => ({ key, variable: "", unit: "", guessed: true, point: "" }));
  return {
    client, device, state, transport: presence?.transport ?? "", source: presence?.source ?? "", firstSeen: formatInstant(firstSeenAtUs),
    lastSeen: presence === undefined ? null : formatInstant(presence.lastSeenAtUs), presence: shownPresence(presence),
    newest: instantOrNull(presence?.newestUs), periodS: typeof presence?.periodUs === "number" ? presence.periodUs / 1e6 : null, silentSince: instantOrNull(presence?.silentSinceUs), detail: presence?.detail ?? "",
    keys: [...inForce.map(({ key, variable, unit, guessed, point }) => ({ key, variable, unit, guessed, point })), ...waiting],
    feeds: new Set(feeds.map(({ point }) => point)).size,
    points: [...new Set(inForce.map((entry) => entry.point))], labels, readings,
  };
}

/** A device that said goodbye is gone; one whose data stopped is silent, connected or not. */
function shownPresence(record: PresenceRecord | undefined): DeviceView["presence"] {
  if (record === undefined) return "unknown";
  return record.presence !== "offline" && typeof record.silentSinceUs === "number" ? "silent" : record.presence;
}

function instantOrNull(us: number | null | undefined): string | null {
  return typeof us === "number" ? formatInstant(us) : null;
}
