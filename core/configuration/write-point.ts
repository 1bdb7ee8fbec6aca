import { systemScope } from "../access/principal.ts";
import type { DirectoryCollections } from "../directory/collections.ts";
import { limitPeriodsOf } from "../directory/point-limits.ts";
import { pointIdOf } from "../directory/point-id.ts";
import type { PointPeriod, PointRecord } from "../directory/records.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { StoredDocument } from "../ports/documents.ts";
import { periodOf, statedDevice } from "./from-records.ts";
import type { ReadPoint } from "./read-said.ts";
import { statedText } from "./stated.ts";

/** Who changes a configuration, when and why. */
export interface WrittenBy {
  readonly by: string;
  readonly atUs: number;
  readonly reason?: string;
}

export interface PointWrite {
  readonly client: string;
  readonly device: string;
  readonly said: ReadPoint;
  /** As it was when the change was decided; undefined of a point that was not there. */
  readonly before: StoredDocument<PointRecord> | undefined;
}

const TRIES = 16;

/**
 * Makes a point, or its name, period, limits and settings, what is said; false when it was so already. What machines noted in it meanwhile
 * stays. Throws "version-conflict" when somebody configured it, made it or took it away meanwhile.
 */
export async function writePoint({ points }: DirectoryCollections, write: PointWrite, by: WrittenBy): Promise<boolean> {
  const { client, device, said } = write;
  const id = pointIdOf(client, device, said.channel);
  let { before } = write;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      if (before === undefined) {
        await points.insert(systemScope, { id, body: newPoint(write, by) });
        return true;
      }
      const body = changed(before.body, said, by);
      if (body === undefined) return false;
      await points.replace(systemScope, { id, body }, before.version);
      return true;
    } catch (error) {
      if (!hasCode(error, "version-conflict") && !hasCode(error, "duplicate-key")) throw error;
      const now = await points.get(systemScope, id);
      if (before === undefined || now === undefined || textOf(now.body) !== textOf(before.body)) throw new CaudalError("version-conflict", `point ${id} was changed meanwhile`, { cause: error });
      before = now;
    }
  }
  throw new CaudalError("unavailable", `others keep changing point ${id}`);
}

function newPoint({ client, device, said: { channel, name, periodS, limits, settings } }: PointWrite, by: WrittenBy): PointRecord {
  return {
    client, point: pointIdOf(client, device, channel), name, device, channel, feeders: [], labels: {}, adoptedBy: "person", createdAtUs: by.atUs, periodS, variables: {},
    ...(limits.length === 0 ? {} : { limits: limits.map((period) => signed(period, by)) }), ...(settings.length === 0 ? {} : { settings: settings.map((period) => signed(period, by)) }),
    revision: 1, changedAtUs: by.atUs, changedBy: by.by, unpublished: limits.length > 0 || settings.length > 0,
  };
}

/** The record with what is said; undefined when it says so already. Periods that are as they were keep who gave them. */
function changed(record: PointRecord, { name, periodS, limits, settings }: ReadPoint, by: WrittenBy): PointRecord | undefined {
  const before = limitPeriodsOf(record);
  const after: PointRecord = {
    ...record, name, periodS, variables: {},
    limits: limits.map((period) => before.find((old) => old.variable === period.variable && isSame(old, period)) ?? signed(period, by)),
    settings: settings.map((period) => record.settings?.find((old) => isSame(old, period)) ?? signed(period, by)),
    revision: record.revision + 1, changedAtUs: Math.max(by.atUs, record.changedAtUs + 1), changedBy: by.by, unpublished: true,
  };
  return textOf(after) === textOf(record) ? undefined : after;
}

type Period = Pick<PointPeriod, "validFromUs"> & { readonly values: object };

function isSame(old: Period, period: Period): boolean {
  return JSON.stringify(periodOf(old.validFromUs, old.values)) === JSON.stringify(periodOf(period.validFromUs, period.values));
}

function signed<P extends Period>(period: P, { by, atUs, reason }: WrittenBy): P & { readonly changedAtUs: number; readonly changedBy: string; readonly reason?: string } {
  return { ...period, changedAtUs: atUs, changedBy: by, ...(reason === undefined ? {} : { reason }) };
}

function textOf(point: PointRecord): string {
  return statedText(statedDevice(point, undefined, [point]));
}
