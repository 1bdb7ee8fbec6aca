import { unit, whole } from "../seed/hash.ts";
import type { SandboxDevice, SandboxKey } from "../fleet/device.ts";
import type { QuirkName } from "../quirks/quirks.ts";
import type { Switches } from "../quirks/switches.ts";
import { litresPerDay, volumeL } from "./volume.ts";

const DAY_MS = 86_400_000;
const FLOW_OVER_MS = 300_000;

/** What values follow from. */
export interface Sources {
  readonly seed: string;
  readonly switches: Switches;
}

/** What the key shows at an instant, before anything is wrong with a single row: counters with their resets, wraps and swaps. */
export function trueValue(sources: Sources, device: SandboxDevice, key: SandboxKey, atMs: number): number {
  const of = { seed: sources.seed, device: device.device, kind: device.kind };
  switch (key.quantity) {
    case "pulses":
      return Math.floor(counter(sources, { device, perUnitL: key.litresPerPulse ?? 1, wraps: true }, atMs));
    case "total":
      return rounded(counter(sources, { device, perUnitL: 1000, wraps: false }, atMs), 3);
    case "flow":
      return rounded((volumeL(of, atMs) - volumeL(of, atMs - FLOW_OVER_MS)) / (FLOW_OVER_MS / 1000), device.kind === "household" ? 4 : 2);
    case "level":
      return level(of, atMs);
  }
}

interface Counter {
  readonly device: SandboxDevice;
  readonly perUnitL: number;
  readonly wraps: boolean;
}

function counter(sources: Sources, { device, perUnitL, wraps }: Counter, atMs: number): number {
  const units = (ms: number): number => volumeL({ seed: sources.seed, device: device.device, kind: device.kind }, ms) / perUnitL;
  const chosen = (["meter-swap", "counter-reset", ...(wraps ? (["wrap-32", "wrap-16"] as const) : [])] as const).find((name) => hasDeviceQuirk(sources, name, { device, atMs }));
  if (chosen === undefined) return units(atMs);
  const sinceMs = sources.switches.sinceMs(device.provider, chosen, atMs);
  const name = `${sources.seed}/${device.device}/${chosen}`;
  if (chosen === "meter-swap" || chosen === "counter-reset") {
    const { begunMs, number } = lastBeginning(name, { atMs, sinceMs, periodMs: chosen === "meter-swap" ? 10 * DAY_MS : 3 * DAY_MS });
    const dial = chosen === "meter-swap" ? whole({ from: 0, to: 5000 }, `${name}/dial`, number) : 0;
    return units(atMs) - units(begunMs) + dial;
  }
  // Placed so that it wraps within two days of being switched on.
  const wrapsMs = sinceMs + Math.floor((0.05 + 1.95 * unit(name)) * DAY_MS);
  const modulus = chosen === "wrap-16" ? 2 ** 16 : 2 ** 32;
  return (((Math.floor(units(atMs)) - Math.floor(units(wrapsMs))) % modulus) + modulus) % modulus;
}

/** The newest beginning of a counter: at a fixed beat, and once when the quirk is switched on. */
function lastBeginning(name: string, { atMs, sinceMs, periodMs }: { readonly atMs: number; readonly sinceMs: number; readonly periodMs: number }): { readonly begunMs: number; readonly number: number } {
  const offsetMs = Math.floor(unit(`${name}/offset`) * periodMs);
  const number = Math.floor((atMs - offsetMs) / periodMs);
  const beatMs = offsetMs + number * periodMs;
  return sinceMs <= atMs && sinceMs > beatMs ? { begunMs: sinceMs, number: number + 0.5 } : { begunMs: beatMs, number };
}

/** True for the share of devices that a quirk of devices is for. */
export function hasDeviceQuirk({ seed, switches }: Sources, name: QuirkName, { device, atMs }: { readonly device: SandboxDevice; readonly atMs: number }): boolean {
  const share = switches.share(device.provider, name, atMs);
  return share > 0 && unit(`${seed}/${device.device}/${name}/chosen`) < share;
}

function level(of: { readonly seed: string; readonly device: string; readonly kind: SandboxDevice["kind"] }, atMs: number): number {
  const chance = unit(`${of.seed}/${of.device}/level`);
  const average = litresPerDay(of.seed, of.device, of.kind) / 86_400;
  const load = (volumeL(of, atMs) - volumeL(of, atMs - FLOW_OVER_MS)) / (FLOW_OVER_MS / 1000) / average;
  const season = Math.sin((2 * Math.PI * atMs) / (365.25 * DAY_MS) + 6 * chance);
  const noise = unit(`${of.seed}/${of.device}/noise`, Math.floor(atMs / 1000)) - 0.5;
  return rounded(of.kind === "channel" ? 0.4 + chance + 0.3 * load + 0.1 * season + 0.01 * noise : 20 + 40 * chance - 3 * load + 1.5 * season + 0.04 * noise, of.kind === "channel" ? 3 : 2);
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
