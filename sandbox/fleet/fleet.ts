import { hex, unit, whole } from "../seed/hash.ts";
import { deviceKinds, providerIds, type DeviceKind, type ProviderId, type Quantity, type SandboxAccount, type SandboxDevice, type SandboxKey } from "./device.ts";
import { accountSecrets, deviceSecrets } from "./credentials.ts";

export interface FleetOptions {
  readonly seed: string;
  /** In all, spread over the providers, or of each provider named. */
  readonly devices: number | Partial<Record<ProviderId, number>>;
  /** How often devices measure; one is picked for each device. */
  readonly everyMs: readonly number[];
}

const measured: Readonly<Record<DeviceKind, readonly Quantity[]>> = { household: ["pulses", "flow"], well: ["pulses", "total", "flow", "level"], channel: ["flow", "level"] };
const units: Readonly<Record<Quantity, string>> = { pulses: "pulses", total: "m3", flow: "L/s", level: "m" };
const litresPerPulse: Readonly<Record<DeviceKind, number>> = { household: 1, well: 100, channel: 1000 };

/** The keys under which each provider's users keep things; undefined: a name made of the device's own. */
const names: Readonly<Record<ProviderId, Readonly<Record<Quantity, string>> | undefined>> = {
  "tdata": { pulses: "5001", total: "5002", flow: "5003", level: "5005" },
  "thingsboard": { pulses: "pulseCount", total: "totalVolume", flow: "flowRate", level: "waterLevel" },
  "thethings-io": { pulses: "pulsos", total: "totalizado", flow: "caudal", level: "nivel" },
  "tagoio": { pulses: "pulsos", total: "totalizado", flow: "caudal", level: "nivel" },
  "things-stack": { pulses: "pulses", total: "total_m3", flow: "flow_ls", level: "level_m" },
  "wiseconn": undefined,
  "ubidots": { pulses: "pulses", total: "total-volume", flow: "flow-rate", level: "water-level" },
  "hidronet": { pulses: "PUL1", total: "TOT1", flow: "FLW1", level: "LVL1" },
};

const remotes: Readonly<Record<ProviderId, (seed: string, index: number) => string>> = {
  "tdata": (_, index) => `TW-${10_001 + index}`,
  "thingsboard": (seed, index) => uuid(hex(`${seed}/thingsboard/${index}`, 32)),
  "thethings-io": (_, index) => `nettra-${index + 1}`,
  "tagoio": (seed, index) => hex(`${seed}/tagoio/${index}`, 24),
  "things-stack": (_, index) => `pozo-${String(index + 1).padStart(3, "0")}`,
  "wiseconn": (_, index) => String(4001 + index),
  "ubidots": (_, index) => `medidor-${index + 1}`,
  "hidronet": (_, index) => `EST-${String(index + 1).padStart(3, "0")}`,
};

/** Providers whose device sends all it measured in one message. */
const together: readonly ProviderId[] = ["things-stack", "hidronet"];

/** One account a provider, with its devices: the same for the same seed. */
export function createFleet({ seed, devices, everyMs }: FleetOptions): readonly SandboxAccount[] {
  const counts = typeof devices === "number" ? spread(devices) : devices;
  return providerIds.flatMap((provider) => {
    const count = counts[provider] ?? 0;
    if (count === 0) return [];
    const made = Array.from({ length: count }, (_, index) => device({ seed, provider, index, everyMs }));
    return [{ provider, id: `${provider}-1`, secrets: accountSecrets(seed, provider), devices: made }];
  });
}

function spread(total: number): Record<ProviderId, number> {
  const counts = providerIds.map((id, at) => [id, Math.floor(total / providerIds.length) + (at < total % providerIds.length ? 1 : 0)] as const);
  return Object.fromEntries(counts) as Record<ProviderId, number>;
}

function device({ seed, provider, index, everyMs }: { readonly seed: string; readonly provider: ProviderId; readonly index: number; readonly everyMs: readonly number[] }): SandboxDevice {
  const name = `${provider}-${index + 1}`;
  const kind = deviceKinds[index % deviceKinds.length] ?? "well";
  const keys = measured[kind].map((quantity, at): SandboxKey => ({
    key: names[provider]?.[quantity] ?? `${4001 + index}${at + 1}`,
    quantity,
    unit: units[quantity],
    ...(quantity === "pulses" ? { litresPerPulse: litresPerPulse[kind] } : {}),
    offsetMs: together.includes(provider) ? 0 : at * 1000 + whole({ from: 0, to: 4 }, `${seed}/${name}/offset`, at) * 1000,
  }));
  const every = everyMs[Math.floor(unit(`${seed}/${name}/every`) * everyMs.length)] ?? 300_000;
  return { provider, device: name, remote: remotes[provider](seed, index), kind, everyMs: every, keys, secrets: deviceSecrets(seed, provider, index) };
}

function uuid(digits: string): string {
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
