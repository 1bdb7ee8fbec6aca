import type { Evidence, PointRef } from "./evidence.ts";
import type { Meaning } from "./expectation.ts";
import type { Findings } from "./findings.ts";
import type { Fleet } from "./truth.ts";

/** A key of a fleet's device: what it means by the truth, and the point that the installation made for it. */
interface KeyView extends Meaning {
  point: string | undefined;
}

/** What each key of the fleet means, and which points are the fleet's. */
export class DirectoryView {
  readonly #devices = new Map<string, Map<string, KeyView>>();
  readonly #owners = new Map<string, string>();
  /** Points of the client that belong to no device of the fleet. */
  readonly #others = new Set<string>();

  /** Takes the meaning from the truth, and tells where the installation sees another. */
  static async open(fleet: Fleet, evidence: Evidence, findings: Findings): Promise<DirectoryView> {
    const view = new DirectoryView();
    for (const { device, keys } of fleet.devices) view.#devices.set(device, new Map(keys.map(({ key, variable, unit }) => [key, { variable, unit, point: undefined }])));
    for await (const row of evidence.directory()) {
      if (row.client !== fleet.client) continue;
      const known = view.#devices.get(row.device);
      if (known === undefined) {
        view.#others.add(row.point);
        continue;
      }
      const owner = view.#owners.get(row.point);
      if (owner !== undefined && owner !== row.device) throw new Error(`devices ${owner} and ${row.device} feed one point: such a fleet cannot be audited`);
      view.#owners.set(row.point, row.device);
      const meaning = known.get(row.key);
      if (meaning === undefined) continue;
      meaning.point = row.point;
      if (!row.ignored && row.variable === meaning.variable && row.unit === meaning.unit) continue;
      findings.add({ kind: "misdirected", where: "directory", device: row.device, key: row.key, point: row.point, detail: "the key means something else than it should", expected: { variable: meaning.variable, unit: meaning.unit }, found: { variable: row.variable, unit: row.unit, ignored: row.ignored } });
    }
    return view;
  }

  isOfFleet(device: string): boolean {
    return this.#devices.has(device);
  }

  meaningOf(device: string, key: string): Meaning | undefined {
    return this.#devices.get(device)?.get(key);
  }

  pointOf(device: string, key: string): string | undefined {
    return this.#devices.get(device)?.get(key)?.point;
  }

  ownerOf(point: string): string | undefined {
    return this.#owners.get(point);
  }

  /** Points of a device; those that no key of the fleet leads to, too. */
  pointsOf(device: string): readonly string[] {
    return [...new Set([...(this.#devices.get(device)?.values() ?? [])].flatMap(({ point }) => (point === undefined ? [] : [point])))];
  }

  /** The device of the fleet whose point this is under another client, or false when nothing explains it, or undefined when it is as it should be. */
  strayOwner({ client, point }: PointRef, ownClient: string): { readonly device: string; readonly isForeign: boolean } | undefined {
    const owner = this.#owners.get(point);
    if (client !== ownClient) return owner === undefined ? undefined : { device: owner, isForeign: true };
    return owner === undefined && !this.#others.has(point) ? { device: "", isForeign: false } : undefined;
  }
}
