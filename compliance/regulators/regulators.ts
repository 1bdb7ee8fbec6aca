import { createDga } from "./dga/dga.ts";
import { dgaRegistration } from "./dga/registration.ts";
import type { Registration } from "./registration.ts";
import type { Regulator } from "./regulator.ts";
import { smaRegistration } from "./sma/registration.ts";
import { createSma } from "./sma/sma.ts";

/** How long an answer is waited for, in milliseconds. */
export interface Patience {
  readonly postTimeoutMs: number;
  readonly getTimeoutMs: number;
}

interface RegulatorRow {
  /** Where its own API is. */
  readonly officialUrl: string;
  readonly registration: Registration;
  readonly create: (baseUrl: string | undefined, patience: Patience) => Regulator;
}

/** Every regulator: one row each, of the name of its folder. */
const table = {
  dga: { officialUrl: "https://apimee.mop.gob.cl/api/v1", registration: dgaRegistration, create: createDga },
  sma: { officialUrl: "https://conexiones.sma.gob.cl", registration: smaRegistration, create: createSma },
} as const satisfies Readonly<Record<string, RegulatorRow>>;

/** Which regulator a work reports to. */
export type RegulatorName = keyof typeof table;
export const regulatorNames = Object.keys(table) as readonly RegulatorName[];

/** Where a regulator's own API is. */
export function officialUrl(name: RegulatorName): string {
  return table[name].officialUrl;
}

/** How works are registered at a regulator. */
export function registrationOf(name: RegulatorName): Registration {
  return table[name].registration;
}

export interface RegulatorSettings {
  /** Where each is asked: https, or http on this machine or in a neighbouring container. Where it is undefined nothing is ever sent, and slots are frozen all the same. */
  readonly urls: Readonly<Record<RegulatorName, string | undefined>>;
  /** 15 s when absent. */
  readonly postTimeoutMs?: number | undefined;
  /** 10 s when absent. */
  readonly getTimeoutMs?: number | undefined;
}

/** All regulators by name. Nothing is opened before the first is asked; error "setting" for a URL that will not do. */
export function createRegulators({ urls, postTimeoutMs = 15_000, getTimeoutMs = 10_000 }: RegulatorSettings): ReadonlyMap<string, Regulator> {
  return new Map(regulatorNames.map((name) => [name, table[name].create(urls[name], { postTimeoutMs, getTimeoutMs })]));
}
