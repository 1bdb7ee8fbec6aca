import { deviceKey, systemScope, type DocumentCollection, type Documents, type PointRecord } from "@caudal/core";
import type { DeviceProgress } from "../judging/point-state.ts";
import { pointStateCollection, type PointStateBody } from "../judging/point-form.ts";
import { deviceStateCollection, type DeviceStateBody } from "../mapping/device-form.ts";
import { Mapping } from "../mapping/mapping.ts";

const MOST_KEPT = 20_000;

/** The mapping in force of a device, and the same with the other word on what is a guess. */
export interface InForce {
  readonly mapping: Mapping;
  /** While a unit was a guess the one written beside the sample counted, and a guess that a person confirms maps nothing anew: either is right. */
  readonly otherwise: Mapping;
}

/** What the running services have stored of devices and points, read only. */
export class KnownStates {
  readonly #devices: DocumentCollection<DeviceStateBody>;
  readonly #states: DocumentCollection<PointStateBody>;
  readonly #points: DocumentCollection<PointRecord>;
  readonly #mappings = new Map<string, InForce | undefined>();
  readonly #progress = new Map<string, readonly DeviceProgress[]>();
  readonly #clients = new Map<string, string | undefined>();

  private constructor(devices: DocumentCollection<DeviceStateBody>, states: DocumentCollection<PointStateBody>, points: DocumentCollection<PointRecord>) {
    this.#devices = devices;
    this.#states = states;
    this.#points = points;
  }

  static async open(documents: Documents, points: DocumentCollection<PointRecord>): Promise<KnownStates> {
    const [devices, states] = await Promise.all([documents.collection<DeviceStateBody>(deviceStateCollection), documents.collection<PointStateBody>(pointStateCollection)]);
    return new KnownStates(devices, states, points);
  }

  /** Brings what belongs to these points and devices into memory; what was there may be forgotten. */
  async load(points: readonly string[], devices: readonly { readonly client: string; readonly device: string }[]): Promise<void> {
    for (const kept of [this.#mappings, this.#progress, this.#clients]) if (kept.size > MOST_KEPT) kept.clear();
    const unknownPoints = points.filter((point) => !this.#clients.has(point));
    const unknownDevices = devices.map(({ client, device }) => deviceKey(client, device)).filter((id) => !this.#mappings.has(id));
    if (unknownPoints.length > 0) {
      const [records, states] = await Promise.all([this.#points.getMany(systemScope, unknownPoints), this.#states.getMany(systemScope, unknownPoints)]);
      for (const point of unknownPoints) this.#clients.set(point, undefined);
      for (const { id, body } of records) this.#clients.set(id, body.client);
      for (const { id, body } of states) this.#progress.set(id, body.devices);
    }
    if (unknownDevices.length === 0) return;
    const found = await this.#devices.getMany(systemScope, unknownDevices);
    for (const id of unknownDevices) this.#mappings.set(id, undefined);
    // While a device's past is being mapped anew neither its old nor its new mapping says what its events must be.
    for (const { id, body } of found) if (body.remap === null) this.#mappings.set(id, inForce(body));
  }

  /** True when the directory has the point: what was erased is not brought back. */
  isKnown(point: string, client: string): boolean {
    return this.#clients.get(point) === client;
  }

  mapping(client: string, device: string): InForce | undefined {
    return this.#mappings.get(deviceKey(client, device));
  }

  /** How far the device's remaps of the point's past came. */
  progress(point: string, device: string): DeviceProgress | undefined {
    return this.#progress.get(point)?.find((progress) => progress.device === device);
  }
}

function inForce({ mapping: { version, entries, feeds } }: DeviceStateBody): InForce {
  return { mapping: new Mapping(version, entries, feeds), otherwise: new Mapping(version, entries.map((entry) => ({ ...entry, guessed: !entry.guessed })), feeds) };
}
