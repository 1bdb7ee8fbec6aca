import { pointIdOf } from "../directory/point-id.ts";
import { limitPeriodsOf } from "../directory/point-limits.ts";
import type { DeviceRecord, DirectoryEntry, DirectoryFeed, PointRecord } from "../directory/records.ts";
import { formatInstant } from "../time/instant.ts";
import { byCode, VALID_FROM, type StatedDevice, type StatedFeed, type StatedMeaning, type StatedPeriod, type StatedPoint } from "./stated.ts";

interface Owner {
  readonly client: string;
  readonly device: string;
}

/** A device and the points that are its own, in normal form. A device without a record is one whose points alone are there. */
export function statedDevice({ client, device }: Owner, record: Pick<DeviceRecord, "entries" | "feeds"> | undefined, points: readonly PointSaid[]): StatedDevice {
  return { client, device, ...meaningsOf({ client, device }, record ?? { entries: [] }), points: points.map(statedPoint).sort((a, b) => byCode(a.channel ?? "", b.channel ?? "")) };
}

/** What a device's keys mean and feed, in the order of the keys, each key's in time order. */
export function meaningsOf(owner: Owner, { entries, feeds = [] }: Pick<DeviceRecord, "entries" | "feeds">): Pick<StatedDevice, "keys" | "feeds"> {
  const fed = [...feeds].sort((a, b) => byCode(a.key, b.key) || byCode(a.point, b.point) || byTime(a.validFromUs, b.validFromUs)).map(feedOf);
  return { keys: [...entries].sort(inOrder).map((entry) => meaning(owner, entry)), ...(fed.length === 0 ? {} : { feeds: fed }) };
}

function feedOf({ key, point, variable, validFromUs, validUntilUs }: DirectoryFeed): StatedFeed {
  return { key, point, variable, ...startOf(validFromUs), ...(validUntilUs === null ? {} : { validUntil: formatInstant(validUntilUs) }) };
}

function inOrder(a: DirectoryEntry, b: DirectoryEntry): number {
  return byCode(a.key, b.key) || byTime(a.validFromUs, b.validFromUs) || byCode(a.point, b.point) || byCode(a.variable, b.variable);
}

/** From the first reading on comes first. */
function byTime(a: number | null, b: number | null): number {
  return a === b ? 0 : (a ?? -Infinity) - (b ?? -Infinity);
}

function meaning({ client, device }: Owner, { key, channel, point, variable, unit, guessed, ignored, validFromUs }: DirectoryEntry): StatedMeaning {
  return {
    key, ...startOf(validFromUs), ...(channel === "" ? {} : { channel }), ...(point === pointIdOf(client, device, channel) ? {} : { point }),
    variable, unit, ...(guessed ? { guessed } : {}), ...(ignored === true ? { ignored } : {}),
  };
}

/** What of a point's record people say. */
export type PointSaid = Pick<PointRecord, "channel" | "name" | "periodS" | "variables" | "limits" | "settings" | "createdAtUs">;

function statedPoint(point: PointSaid): StatedPoint {
  const { channel, name, periodS, settings = [] } = point;
  const limits = [...Map.groupBy(limitPeriodsOf(point), ({ variable }) => variable)].sort(([a], [b]) => byCode(a, b));
  return {
    ...(channel === "" ? {} : { channel }), name, ...(periodS === null ? {} : { periodS }),
    ...(limits.length === 0 ? {} : { limits: Object.fromEntries(limits.map(([variable, periods]) => [variable, periods.map(({ validFromUs, values }) => periodOf(validFromUs, values))])) }),
    ...(settings.length === 0 ? {} : { settings: settings.map(({ validFromUs, values }) => periodOf(validFromUs, values)) }),
  };
}

/** A period with its values in the order of their names. */
export function periodOf(validFromUs: number | null, values: object): StatedPeriod {
  const named = Object.entries(values as Record<string, string | number | null | undefined>).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { ...startOf(validFromUs), ...Object.fromEntries(named.sort(([a], [b]) => byCode(a, b))) };
}

function startOf(validFromUs: number | null): { readonly [VALID_FROM]?: string } {
  return validFromUs === null ? {} : { [VALID_FROM]: formatInstant(validFromUs) };
}
