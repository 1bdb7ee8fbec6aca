import { groups, topics, type EventLog, type TierName } from "@caudal/core";
import { defineOperation, type Metrics, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { Rate } from "./rate.ts";
import type { SendLines } from "./send-lines.ts";

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
  readonly send: SendLines;
}

export interface StatusSources {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly log: EventLog;
  readonly progress: () => Promise<Progress>;
  readonly parkedCount: () => Promise<number>;
  readonly demo: () => boolean;
  readonly urls: () => InstallationStatus["urls"];
  /** Lines for whoever reached the page by a host; for the person at this machine without one. */
  readonly send: (host?: string) => SendLines;
  readonly monotonicMs: () => number;
}

/** What the processes of an installation have done: readings taken in since they began, and when each tier last stored something. */
export interface Progress {
  readonly accepted: number;
  /** Unix seconds; 0 before the first. */
  readonly lastWriteS: Readonly<Record<TierName, number>>;
}

/** Of this process, by its metrics. */
export function ownProgress(metrics: Metrics): () => Promise<Progress> {
  const lastWrite = (tier: TierName): Promise<number> => metrics.sum("caudal_tier_last_write_timestamp_seconds", { tier });
  return async () => {
    const [accepted, hot, warm, cold] = await Promise.all([metrics.sum("caudal_readings_accepted_total"), lastWrite("hot"), lastWrite("warm"), lastWrite("cold")]);
    return { accepted, lastWriteS: { hot, warm, cold } };
  };
}

const topicOf: Readonly<Record<string, string>> = {
  [groups.mapping]: topics.readings, [groups.archiveReadings]: topics.readings, [groups.judging]: topics.points, [groups.archivePoints]: topics.points,
  [groups.hot]: topics.measurements, [groups.warm]: topics.measurements, [groups.cold]: topics.measurements, [groups.rollups]: topics.measurements,
  [groups.devices]: topics.devices, [groups.parked]: topics.parked,
};

/** Archiving commits behind whole segments, so some seconds of records there are no delay. */
const behindOnPurpose: readonly string[] = [groups.archiveReadings, groups.archivePoints];

/** Groups that somebody may wait for, with how many records they are behind. */
export function groupsBehind(lag: InstallationStatus["lag"]): readonly (readonly [group: string, records: number])[] {
  return Object.entries(lag).filter(([group, records]) => records > 0 && !behindOnPurpose.includes(group));
}

function isoSeconds(unixSeconds: number): string | null {
  return unixSeconds === 0 ? null : new Date(unixSeconds * 1000).toISOString();
}

/** Reads the status; `host` is what the asker reached the page by. */
export type StatusReader = (host?: string) => Promise<InstallationStatus>;

/** Records that each group is behind. */
export async function lagOfGroups(log: EventLog): Promise<InstallationStatus["lag"]> {
  const lagOf = async ([group, topic]: [string, string]): Promise<[string, number]> => [group, (await log.lag(topic, group)).reduce((sum, row) => sum + row.lag, 0)];
  return Object.fromEntries(await Promise.all(Object.entries(topicOf).map(lagOf)));
}

export function createStatusReader(sources: StatusSources): StatusReader {
  const { version, engines, log, progress, parkedCount, demo, urls, send, monotonicMs } = sources;
  const rate = new Rate(monotonicMs(), 0);
  return async (host) => {
    const [lag, parked, { accepted, lastWriteS: { hot, warm, cold } }] = await Promise.all([lagOfGroups(log), parkedCount(), progress()]);
    return {
      version, engines, readingsPerS: rate.perSecond(monotonicMs(), accepted), lag, parked, lastWrite: { hot: isoSeconds(hot), warm: isoSeconds(warm), cold: isoSeconds(cold) },
      demo: demo(), urls: urls(), send: send(host),
    };
  };
}

const time = z.string().nullable();
const statusSchema = z.object({
  version: z.string(), engines: z.record(z.string(), z.string()), readingsPerS: z.number(), lag: z.record(z.string(), z.number()), parked: z.number(),
  lastWrite: z.object({ hot: time, warm: time, cold: time }), demo: z.boolean(), urls: z.object({ page: z.string(), mqtt: z.string().nullable() }),
  send: z.object({ npx: z.string(), mosquitto_pub: z.string().nullable(), curl: z.string() }),
});

export function statusOperation(read: StatusReader): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/status", operationId: "getStatus", tag: "installation", permission: "read",
    summary: { en: "Rate, lag, parked events and last writes of this installation", es: "Tasa, atraso, eventos apartados y últimas escrituras de esta instalación" },
    replies: { 200: { description: "The status", schema: statusSchema } },
    handle: async ({ headers }) => ({ status: 200, body: await read(headers.host) }),
  });
}
