import {
  allows, Directory, entryAt, feedingDevices, storedUnit, systemScope, unitSlug, variableRow,
  type DeviceRecord, type DirectoryCollections, type Documents, type PointKey, type PointRecord, type Scope,
} from "@caudal/core";
import type { Clock } from "@caudal/runtime";

/** One variable of a point as readers see it. */
export interface VariableInfo {
  readonly variable: string;
  /** That its facts are stored in. */
  readonly unit: string;
  /** `flow_lps`: what its columns are called. */
  readonly column: string;
  readonly isTotal: boolean;
  /** Given by another device beside its own points alone, such as a barometer's air pressure: no sign of life of the point's own. */
  readonly isBeside?: true;
}

export interface PointInfo {
  readonly key: PointKey;
  readonly record: PointRecord;
  /** Those that the directory names, in its order. */
  readonly variables: readonly VariableInfo[];
}

const KEPT_MS = 2000;
const MOST_POINTS = 20_000;

/** Points with the units of their variables; what was looked up is used again for two seconds. */
export class PointDirectory {
  readonly #collections: DirectoryCollections;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly info: PointInfo; readonly atMs: number }>();

  private constructor(collections: DirectoryCollections, clock: Clock) {
    this.#collections = collections;
    this.#clock = clock;
  }

  static async open(documents: Documents, clock: Clock): Promise<PointDirectory> {
    return new PointDirectory((await Directory.open(documents)).collections, clock);
  }

  /** Undefined for a point that is not there or that the scope does not allow. */
  async find(scope: Scope, point: string): Promise<PointInfo | undefined> {
    return (await this.findMany(scope, [point])).get(point);
  }

  /** Those of the points that are there and that the scope allows. */
  async findMany(scope: Scope, points: readonly string[]): Promise<Map<string, PointInfo>> {
    const nowMs = this.#clock.monotonicMs();
    const stale = points.filter((point) => nowMs - (this.#kept.get(point)?.atMs ?? -Infinity) > KEPT_MS);
    if (stale.length > 0) await this.#load((await this.#collections.points.getMany(systemScope, stale)).map(({ body }) => body));
    const found = new Map<string, PointInfo>();
    for (const point of points) {
      const kept = this.#kept.get(point);
      if (kept !== undefined && nowMs - kept.atMs <= KEPT_MS && allows(scope, kept.info.key.client)) found.set(point, kept.info);
    }
    return found;
  }

  /** Points of the scope in order of their ids; their records are read anew each time. */
  async page(scope: Scope, query: { readonly limit: number; readonly cursor?: string }): Promise<{ readonly points: readonly PointInfo[]; readonly next: string | undefined }> {
    const page = await this.#collections.points.find(scope, query);
    const records = page.items.map(({ body }) => body);
    const nowMs = this.#clock.monotonicMs();
    const known = new Map(records.flatMap((record) => {
      const kept = this.#kept.get(record.point);
      const isKnown = kept !== undefined && nowMs - kept.atMs <= KEPT_MS && areSame(feedingDevices(kept.info.record), feedingDevices(record));
      return isKnown ? [[record.point, { ...kept.info, record }] as const] : [];
    }));
    const loaded = new Map((await this.#load(records.filter(({ point }) => !known.has(point)))).map((info) => [info.key.point, info]));
    return { points: records.map(({ point }) => known.get(point) ?? loaded.get(point)!), next: page.next };
  }

  forget(client: string): void {
    for (const [point, { info }] of this.#kept) if (info.key.client === client) this.#kept.delete(point);
  }

  /** What is kept of the points of a device (by its key), for when the directory says that it changed. */
  forgetDevice(device: string): void {
    for (const [point, { info }] of this.#kept) if (feedingDevices(info.record).includes(device)) this.#kept.delete(point);
  }

  async #load(records: readonly PointRecord[]): Promise<PointInfo[]> {
    if (records.length === 0) return [];
    const ids = [...new Set(records.flatMap(feedingDevices))];
    const devices = new Map((await this.#collections.devices.getMany(systemScope, ids)).map(({ id, body }) => [id, body]));
    const atMs = this.#clock.monotonicMs();
    if (this.#kept.size + records.length > MOST_POINTS) this.#kept.clear();
    return records.map((record) => {
      const feeding = feedingDevices(record).map((id) => devices.get(id)).filter((device) => device !== undefined);
      const info: PointInfo = { key: { client: record.client, point: record.point }, record, variables: variablesOf(record.point, feeding) };
      this.#kept.set(record.point, { info, atMs });
      return info;
    });
  }
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

/** How a variable that no directory names is shown: in the unit that the catalogue gives it. */
export function unlistedVariable(variable: string): VariableInfo {
  return infoOf(variable, variableRow(variable)?.unit ?? "");
}

/** What the devices' keys were ever said to be, for older facts may still be shown; of two units that of a newest entry holds. */
function variablesOf(point: string, devices: readonly DeviceRecord[]): VariableInfo[] {
  const found = new Map<string, VariableInfo>();
  const settled = new Set<string>();
  for (const device of devices) {
    const { entries } = device;
    for (const entry of entries) {
      if (entry.point !== point || entry.ignored === true || settled.has(entry.variable)) continue;
      const isNewest = entryAt(entries, entry.key, Infinity) === entry;
      if (isNewest) settled.add(entry.variable);
      if (isNewest || !found.has(entry.variable)) found.set(entry.variable, infoOf(entry.variable, storedUnit(entry.variable, entry.unit)));
    }
    for (const { key, variable, point: fed } of device.feeds ?? []) {
      const unit = fed === point && !found.has(variable) ? entryAt(entries, key, Infinity)?.unit : undefined;
      if (unit !== undefined) found.set(variable, { ...infoOf(variable, storedUnit(variable, unit)), isBeside: true });
    }
  }
  return [...found.values()];
}

function infoOf(variable: string, unit: string): VariableInfo {
  const slug = unitSlug(unit);
  return { variable, unit, column: slug === "" ? variable : `${variable}_${slug}`, isTotal: variableRow(variable)?.kind === "total" };
}
