import { deviceKinds, type DeviceKind } from "../kinds/kind.ts";
import { kinds as kindRows } from "../kinds/kinds.ts";
import { troubleNames, troublesNamed } from "../troubles/troubles.ts";
import type { Trouble } from "../troubles/trouble.ts";
import type { TruthEvent } from "../truth/truth-event.ts";
import { Device } from "./device.ts";
import { keysOf } from "./keys.ts";
import type { FleetMessage } from "./message.ts";
import { NextFirst } from "./next-first.ts";
import type { Outgoing } from "./outbox.ts";
import { hashText, mix } from "./random.ts";

export interface FleetOptions {
  /** Any text: the same one with the same options is the same fleet, byte for byte. */
  readonly seed: string;
  /** 1 to 10,000,000. */
  readonly devices: number;
  /** In turn; all four when absent. */
  readonly kinds?: readonly DeviceKind[];
  /** Simulated time of the first samples, in microseconds since 1970: whole milliseconds. */
  readonly startUs: number;
  /** No sample is taken from then on; absent: it goes on for ever. */
  readonly endUs?: number;
  /** Seconds between a device's samples, 0.001 to 14,400; 900 when absent. */
  readonly intervalS?: number;
  /** Tenant of all devices; `simulation` when absent. */
  readonly client?: string;
  /** Names of troubles.ts; all when absent, none for []. */
  readonly troubles?: readonly string[];
}

export interface FleetDevice {
  readonly device: string;
  readonly kind: DeviceKind;
  readonly keys: readonly { readonly key: string; readonly variable: string; readonly unit: string }[];
}

export interface Fleet {
  readonly options: Required<Omit<FleetOptions, "endUs">> & { readonly endUs: number | undefined };
  devices(): Iterable<FleetDevice>;
  /**
   * All messages in the order of sending, from the first again at each call; endless without `endUs`. `onTruth` is told what happens
   * meanwhile; what is under way when the caller stops is told then. Memory is about 2 kB a device.
   */
  messages(onTruth?: (event: TruthEvent) => void): Generator<FleetMessage, void, undefined>;
}

const MAX_DEVICES = 10_000_000;
const MAX_INTERVAL_S = 14_400;

/** A fleet that follows from its options alone. RangeError where an option is out of bounds. */
export function createFleet(written: FleetOptions): Fleet {
  const options = { kinds: deviceKinds, intervalS: 900, client: "simulation", troubles: troubleNames, endUs: undefined, ...written };
  const { devices, kinds, startUs, intervalS } = options;
  if (!Number.isInteger(devices) || devices < 1 || devices > MAX_DEVICES) throw new RangeError(`devices: a whole number from 1 to ${MAX_DEVICES}`);
  if (!(intervalS >= 0.001 && intervalS <= MAX_INTERVAL_S)) throw new RangeError(`intervalS: from 0.001 to ${MAX_INTERVAL_S}`);
  if (kinds.length === 0 || kinds.some((kind) => !deviceKinds.includes(kind))) throw new RangeError(`kinds: some of ${deviceKinds.join(", ")}`);
  if (!Number.isSafeInteger(startUs) || startUs % 1000 !== 0) throw new RangeError("startUs: whole milliseconds, in microseconds since 1970");
  const troubles = troublesNamed(options.troubles);
  return {
    options,
    *devices() {
      for (let index = 0; index < devices; index++) {
        const kind = kindOf(kinds, index);
        yield { device: deviceId(kind, index), kind, keys: keysOf(kindRows[kind]).map(({ key, variable, unit }) => ({ key, variable, unit })) };
      }
    },
    messages: (onTruth = () => {}) => messagesOf(options, troubles, onTruth),
  };
}

function kindOf(kinds: readonly DeviceKind[], index: number): DeviceKind {
  return kinds[index % kinds.length]!;
}

function deviceId(kind: DeviceKind, index: number): string {
  return `${kind}-${String(index + 1).padStart(5, "0")}`;
}

function* messagesOf(options: Fleet["options"], troubles: readonly Trouble[], onTruth: (event: TruthEvent) => void): Generator<FleetMessage, void, undefined> {
  const { seed, kinds, startUs, endUs = Number.POSITIVE_INFINITY, client } = options;
  const seedNumber = hashText(seed);
  const stepUs = Math.round(options.intervalS * 1000) * 1000;
  const befalling = new Map(kinds.map((kind) => [kind, troubles.filter((trouble) => trouble.kinds.includes(kind))]));
  const devices = Array.from({ length: options.devices }, (_, index) => {
    const kind = kindOf(kinds, index);
    return new Device({ id: deviceId(kind, index), index, kind: kindRows[kind], turn: Math.floor(index / kinds.length), seed: mix(seedNumber, index + 1), startUs, endUs, stepUs, troubles: befalling.get(kind) ?? [], onTruth });
  });
  const order = new NextFirst(devices.length, (place) => devices[place]!.nextUs());
  let seq = 0;
  try {
    for (let place = order.first(); place !== undefined; place = order.first()) {
      const device = devices[place]!;
      const outgoing = device.next();
      order.moved(device.nextUs());
      if (outgoing !== undefined) yield messageOf(outgoing, { seq: ++seq, index: place, client, device: device.id });
    }
  } finally {
    for (const device of devices) device.finish();
  }
}

function messageOf(outgoing: Outgoing, named: Pick<FleetMessage, "seq" | "index" | "client" | "device">): FleetMessage {
  outgoing.seq = named.seq;
  const { atUs, samples, kinds, expect, repeats, corrects, raw } = outgoing;
  return {
    ...named, atUs, samples, kinds, expect,
    ...(repeats === undefined ? {} : { repeats: repeats.seq }), ...(corrects === undefined ? {} : { corrects: corrects.seq }), ...(raw === undefined ? {} : { raw }),
  };
}
