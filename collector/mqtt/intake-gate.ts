import { deviceKey, speaksFor, type Principal } from "@caudal/core";
import type { Named } from "../edge/device-quota.ts";
import type { Heard } from "../edge/presence.ts";
import { onlyDevice } from "./access.ts";
import { heardAs } from "./admission.ts";
import type { MqttOutcome } from "./decode-mqtt.ts";

/** What a gate must know of a message. */
interface Sent {
  readonly principal?: Principal | undefined;
  readonly receivedAtUs: number;
}

/** What a batch knows of the devices in it. */
export interface Gate {
  readonly clientOf: (device: string) => string | undefined;
  /** Keys (`deviceKey`) of devices that are turned away. */
  readonly refused: ReadonlySet<string>;
}

/** A message that is not taken, and whose connection ends. */
export interface RefusedMessage {
  readonly outcome: "foreign-device" | "device-quota";
  readonly why: string;
  /** Who spoke for somebody else. */
  readonly foreign?: Heard | undefined;
}

/** The devices that a message is about, where their client is known. */
export function namedIn(message: Sent, outcome: MqttOutcome, clientOf: (device: string) => string | undefined): readonly Named[] {
  if (outcome.kind === "unmapped") return [];
  const devices = outcome.kind === "presence" ? [outcome.device] : [...outcome.readings, ...outcome.words].map(({ device }) => device);
  return [...new Set(devices)].flatMap((device) => {
    const client = outcome.client ?? clientOf(device);
    return client === undefined ? [] : [{ client, device, source: outcome.source, transport: "mqtt", receivedAtUs: message.receivedAtUs }];
  });
}

/** Why a message ends its connection: it names a device that its sender does not speak for, or the one device of the connection is one too many. */
export function refusalOf({ principal, receivedAtUs }: Sent, named: readonly Named[], refused: ReadonlySet<string>): RefusedMessage | undefined {
  if (principal === undefined) return undefined;
  const foreign = named.find(({ device }) => !speaksFor(principal, device));
  if (foreign !== undefined) return { outcome: "foreign-device", why: `${principal.name} does not speak for ${foreign.device}`, foreign: heardAs(principal, receivedAtUs) };
  // Nobody else is on the connection of one device; on any other, devices that are known must not suffer.
  if (refused.size === 0 || onlyDevice(principal) === undefined) return undefined;
  const away = named.find(({ client, device }) => refused.has(deviceKey(client, device)));
  return away === undefined ? undefined : { outcome: "device-quota", why: `too many devices that nobody knows: ${away.device}` };
}
