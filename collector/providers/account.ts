import type { BudgetWindow, PolledDevice, Provider } from "./provider.ts";

/** One credential at a provider and the devices that are asked for with it: the unit that budgets, logins, breakers and leases belong to. */
export interface Account {
  /** As in the file; [a-z0-9-], unique. */
  readonly id: string;
  readonly provider: Provider;
  /** As the provider's spec parsed them. */
  readonly settings: unknown;
  /** Whose devices they are. */
  readonly client: string;
  /** Put on each of its readings: where the numbers come from, for the page of a point. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly budget: readonly BudgetWindow[];
  /** Calls under way at once. */
  readonly concurrency: number;
  /** True: addresses of private networks and of this machine may be called. */
  readonly allowPrivate: boolean;
  /** Once this often each device's last `overlapMs` are read again, so that late and corrected rows are seen; 0: never. */
  readonly overlapEveryMs: number;
  readonly overlapMs: number;
  readonly devices: readonly AccountDevice[];
}

export interface AccountDevice extends PolledDevice {
  /** What its point is called at first; made of the device's id when absent. */
  readonly name?: string;
  readonly keys: readonly string[];
  readonly cadence: Cadence;
  /** Other names for the provider's keys, and units where it writes none. */
  readonly names: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, string>>;
  /** Values that stand for no measurement. Samples keep them as they came; the reading's label `sentinels` (between semicolons) tells mapping. */
  readonly sentinels: readonly number[];
  /** True: its readings come by another way (MQTT, a webhook), and polls only fill gaps. */
  readonly live: boolean;
}

export type Cadence = { readonly kind: "every"; readonly ms: number } | { readonly kind: "cron"; readonly pattern: string; readonly zone: string };

/** Resolves `env:NAME` and `file:/path` to the secret; undefined when there is none. */
export type SecretResolver = (reference: string) => Promise<string | undefined>;
