/** The providers that the sandbox plays. */
export const providerIds = ["tdata", "thingsboard", "thethings-io", "tagoio", "things-stack", "wiseconn", "ubidots", "hidronet"] as const;
export type ProviderId = (typeof providerIds)[number];

export const deviceKinds = ["household", "well", "channel"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** What a key measures. `pulses` and `total` are counters. */
export const quantities = ["pulses", "total", "flow", "level"] as const;
export type Quantity = (typeof quantities)[number];

export interface SandboxKey {
  /** As the provider writes it. */
  readonly key: string;
  readonly quantity: Quantity;
  readonly unit: string;
  /** Of a pulse counter. */
  readonly litresPerPulse?: number;
  /** Milliseconds after the device's slot at which this key is sampled: each key has its own time. */
  readonly offsetMs: number;
}

export interface SandboxDevice {
  readonly provider: ProviderId;
  /** Unique among all providers. */
  readonly device: string;
  /** As the provider names it in a path. */
  readonly remote: string;
  readonly kind: DeviceKind;
  readonly everyMs: number;
  readonly keys: readonly SandboxKey[];
  /** Credentials of its own, where the provider gives one to each device. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface SandboxAccount {
  readonly provider: ProviderId;
  readonly id: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly devices: readonly SandboxDevice[];
}
