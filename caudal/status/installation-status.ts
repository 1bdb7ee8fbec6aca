import { groups, topics, type EventLog } from "@caudal/core";
import { defineOperation, type Metrics, type Operation } from "@caudal/runtime";
import { z } from "zod";

/** What a person wants to know of a running installation at one glance. */
export interface InstallationStatus {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly readingsPerS: number;
  /** Records behind, by group. */
  readonly lag: Readonly<Record<string, number>>;
  readonly parked: number;
  /** RFC 3339, null before the first. */
  readonly lastWrite: { readonly hot: string | null; readonly warm: string | null; readonly cold: string | null };
  readonly demo: boolean;
  readonly urls: { readonly page: string; readonly mqtt: string | null };
  /** Lines that send a first reading to this installation. */
  readonly send: { readonly npx: string; readonly mosquitto_pub: string | null; readonly curl: string };
}

export interface StatusSources {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly parkedCount: () => Promise<number>;
  readonly demo: () => boolean;
  readonly urls: () => InstallationStatus["urls"];
  readonly monotonicMs: () => number;
}

const topicOf: Readonly<Record<string, string>> = {
  [groups.mapping]: topics.readings, [groups.archiveReadings]: topics.readings, [groups.judging]: topics.points, [groups.archivePoints]: topics.points,
  [groups.hot]: topics.measurements, [groups.warm]: topics.measurements, [groups.cold]: topics.measurements, [groups.rollups]: topics.measurements,
  [groups.devices]: topics.devices, [groups.parked]: topics.parked,
};

/** Archiving commits behind whole segments, so half a minute of records there is no delay. */
const behindOnPurpose: readonly string[] = [groups.archiveReadings, groups.archivePoints];

/** Sum of the lag that somebody should look at. */
export function totalLag(lag: InstallationStatus["lag"]): number {
  return Object.entries(lag).reduce((sum, [group, records]) => (behindOnPurpose.includes(group) ? sum : sum + records), 0);
}

function isoSeconds(unixSeconds: number): string | null {
  return unixSeconds === 0 ? null : new Date(unixSeconds * 1000).toISOString();
}

function sendLines({ page, mqtt }: InstallationStatus["urls"]): InstallationStatus["send"] {
  const broker = mqtt === null ? undefined : new URL(mqtt);
  return {
    npx: "npx caudal send my-meter flow=12.5",
    mosquitto_pub: broker === undefined ? null : `mosquitto_pub -h ${broker.hostname} -p ${broker.port} -q 1 -t caudal/default/my-meter/readings -m '{"flow":12.5}'`,
    curl: `curl ${new URL("/api/v1/readings", page).href} -H 'content-type: application/json' -d '{"device_id":"my-meter","flow":12.5}'`,
  };
}

/** Reads the status; the rate is over the time since the last call of this very reader. */
export function createStatusReader(sources: StatusSources): () => Promise<InstallationStatus> {
  const { version, engines, log, metrics, parkedCount, demo, urls, monotonicMs } = sources;
  let last = { atMs: monotonicMs(), accepted: 0 };
  const rate = async (): Promise<number> => {
    const now = { atMs: monotonicMs(), accepted: await metrics.sum("caudal_readings_accepted_total") };
    const seconds = (now.atMs - last.atMs) / 1000;
    const perS = seconds <= 0 ? 0 : (now.accepted - last.accepted) / seconds;
    if (seconds >= 1) last = now;
    return Math.round(perS * 10) / 10;
  };
  return async () => {
    const lag: Record<string, number> = {};
    for (const [group, topic] of Object.entries(topicOf)) lag[group] = (await log.lag(topic, group)).reduce((sum, row) => sum + row.lag, 0);
    const lastWrite = async (tier: string): Promise<string | null> => isoSeconds(await metrics.sum("caudal_tier_last_write_timestamp_seconds", { tier }));
    return {
      version, engines, readingsPerS: await rate(), lag, parked: await parkedCount(),
      lastWrite: { hot: await lastWrite("hot"), warm: await lastWrite("warm"), cold: await lastWrite("cold") },
      demo: demo(), urls: urls(), send: sendLines(urls()),
    };
  };
}

const time = z.string().nullable();
const statusSchema = z.object({
  version: z.string(), engines: z.record(z.string(), z.string()), readingsPerS: z.number(), lag: z.record(z.string(), z.number()), parked: z.number(),
  lastWrite: z.object({ hot: time, warm: time, cold: time }), demo: z.boolean(), urls: z.object({ page: z.string(), mqtt: z.string().nullable() }),
  send: z.object({ npx: z.string(), mosquitto_pub: z.string().nullable(), curl: z.string() }),
});

export function statusOperation(read: () => Promise<InstallationStatus>): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/status", operationId: "getStatus", tag: "installation", permission: "read",
    summary: { en: "Rate, lag, parked events and last writes of this installation", es: "Tasa, atraso, eventos apartados y últimas escrituras de esta instalación" },
    replies: { 200: { description: "The status", schema: statusSchema } },
    handle: async () => ({ status: 200, body: await read() }),
  });
}
