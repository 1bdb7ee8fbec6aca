import type { VariableConfig } from "@caudal/core";
import { limitsOf } from "../rules/limits.ts";
import type { Limits } from "../rules/rule.ts";
import { Ring } from "./ring.ts";

/** Devices that feed one point and are remembered; of more, the one that was silent longest is forgotten. */
const MAX_DEVICES = 64;

/** What judging knows of one variable of a point. */
export interface VariableState {
  readonly name: string;
  limits: Limits;
  ring: Ring;
  /** Newest instant met; NaN before the first. */
  newestUs: number;
  /** Remap whose samples the ring holds: a remap begins with an empty one. */
  remap: string;
}

/** How far a device's readings, and the remaps of its past, were taken in: what is published again is known by it. */
export interface DeviceProgress {
  readonly device: string;
  sampleOffset: number;
  remapStep: number;
  remapOffset: number;
}

/** All that judging keeps of a point; its partition's owner is the only one who changes it. */
export class PointState {
  readonly id: string;
  readonly client: string;
  /** Newest offset of caudal.points that is reflected here; -1 when none is. */
  asOfOffset = -1;
  knownAtUs: number | undefined;
  config: Readonly<Record<string, VariableConfig>> = {};
  readonly devices = new Map<string, DeviceProgress>();
  readonly variables = new Map<string, VariableState>();

  constructor(client: string, point: string) {
    this.id = point;
    this.client = client;
  }

  variable(name: string): VariableState {
    let state = this.variables.get(name);
    if (state === undefined) {
      state = { name, limits: limitsOf(name, this.config[name]), ring: new Ring(), newestUs: NaN, remap: "" };
      this.variables.set(name, state);
    }
    return state;
  }

  configure(config: Readonly<Record<string, VariableConfig>>): void {
    this.config = config;
    for (const state of this.variables.values()) state.limits = limitsOf(state.name, config[state.name]);
  }

  device(device: string): DeviceProgress {
    let progress = this.devices.get(device);
    if (progress === undefined) {
      progress = { device, sampleOffset: -1, remapStep: 0, remapOffset: -1 };
      const oldest = this.devices.keys().next();
      if (this.devices.size >= MAX_DEVICES && oldest.done !== true) this.devices.delete(oldest.value);
      this.devices.set(device, progress);
    }
    return progress;
  }

  get bytes(): number {
    let total = 400 + this.devices.size * 100;
    for (const { ring } of this.variables.values()) total += 200 + ring.bytes;
    return total;
  }
}
