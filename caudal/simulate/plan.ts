import { parseInstant } from "@caudal/core";
import { durationMs } from "@caudal/runtime";
import { deviceKinds, troubleNames, type DeviceKind, type FleetOptions } from "@caudal/simulator";
import type { CommandContext } from "../commandline/command.ts";
import type { CommandFailure } from "../commandline/command-failure.ts";

/** What a run is asked to be. */
export interface SimulationPlan {
  readonly fleet: FleetOptions;
  readonly messages: number | undefined;
  readonly forMs: number | undefined;
  readonly ratePerS: number | undefined;
}

type Asked = Pick<CommandContext, "arguments" | "say" | "usageError">;

const DEFAULT_DEVICES = 20;
const DEFAULT_INTERVAL_S = 900;
const MIN_INTERVAL_S = 0.001;
const MAX_INTERVAL_S = 14_400;
const MAX_DEVICES = 1_000_000;
const DAY_US = 86_400_000_000;
/** Where nothing says how far a run gets: the past of a day for one that follows the clock, of a month for one that runs ahead. */
const OPEN_PAST_US = DAY_US;
const LONG_PAST_US = 30 * DAY_US;

/**
 * Reads the fleet and its bounds. A rate without an interval is the real time: each device in turn, from now on. Else the fleet begins so
 * far back that it ends about now, for no message is sent before its time. Usage error where a flag says nothing of use.
 */
export function simulationPlan(asked: Asked, { nowUs, seed, client }: { readonly nowUs: number; readonly seed: string; readonly client: string }): SimulationPlan {
  const { arguments: { flags } } = asked;
  const devices = whole(asked, "--devices", MAX_DEVICES) ?? DEFAULT_DEVICES;
  const messages = whole(asked, "--messages", Number.MAX_SAFE_INTEGER);
  const forMs = duration(asked, "--for");
  const ratePerS = rate(asked);
  const writtenMs = duration(asked, "--interval");
  const intervalS = writtenMs !== undefined ? writtenMs / 1000 : ratePerS !== undefined ? roundMs(devices / ratePerS) : DEFAULT_INTERVAL_S;
  if (intervalS < MIN_INTERVAL_S || intervalS > MAX_INTERVAL_S) throw wrong(asked, "--interval", flags["--interval"] ?? `${intervalS}s`, "1ms … 4h");
  const realTime = ratePerS !== undefined && writtenMs === undefined;
  const expected = messages ?? (forMs !== undefined && ratePerS !== undefined ? (ratePerS * forMs) / 1000 : undefined);
  const pastUs = realTime ? 0 : expected !== undefined ? (Math.ceil(expected / devices) + 1) * intervalS * 1e6 : forMs === undefined ? OPEN_PAST_US : LONG_PAST_US;
  const startUs = from(asked) ?? Math.floor((nowUs - pastUs) / 1000) * 1000;
  return { fleet: { seed, devices, kinds: kinds(asked), startUs, intervalS, client, troubles: troubles(asked) }, messages, forMs, ratePerS };
}

function roundMs(seconds: number): number {
  return Math.max(1, Math.round(seconds * 1000)) / 1000;
}

function wrong({ say, usageError }: Asked, flag: string, text: string, expected: string): CommandFailure {
  return usageError(say("simulate.bad-flag", { flag, text, expected }));
}

function whole(asked: Asked, flag: string, max: number): number | undefined {
  const text = asked.arguments.flags[flag];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text) || Number(text) > max) throw wrong(asked, flag, text, `1 … ${max}`);
  return Number(text);
}

function duration(asked: Asked, flag: string): number | undefined {
  const text = asked.arguments.flags[flag];
  if (text === undefined) return undefined;
  const parsed = durationMs.safeParse(text);
  if (!parsed.success || parsed.data <= 0) throw wrong(asked, flag, text, "250ms, 30s, 15m, 2h, 1d");
  return parsed.data;
}

/** `200` or `200/s`. */
function rate(asked: Asked): number | undefined {
  const text = asked.arguments.flags["--rate"];
  if (text === undefined) return undefined;
  const perS = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text.trim())?.[1];
  if (perS === undefined || Number(perS) <= 0) throw wrong(asked, "--rate", text, "200, 200/s, 0.5/s");
  return Number(perS);
}

function from(asked: Asked): number | undefined {
  const text = asked.arguments.flags["--from"];
  if (text === undefined) return undefined;
  const instantUs = parseInstant(text, "UTC");
  if (instantUs === undefined) throw wrong(asked, "--from", text, "2026-03-01T00:00:00Z");
  return Math.floor(instantUs / 1000) * 1000;
}

function kinds(asked: Asked): readonly DeviceKind[] {
  const text = asked.arguments.flags["--kinds"];
  if (text === undefined) return deviceKinds;
  return words(text).map((word) => deviceKinds.find((kind) => kind === word) ?? fail(asked, "--kinds", word, deviceKinds));
}

function troubles(asked: Asked): readonly string[] {
  const text = asked.arguments.flags["--troubles"];
  if (text === undefined || text === "all") return troubleNames;
  if (text === "none") return [];
  return words(text).map((word) => troubleNames.find((name) => name === word) ?? fail(asked, "--troubles", word, ["all", "none", ...troubleNames]));
}

function words(text: string): readonly string[] {
  return text.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

function fail(asked: Asked, flag: string, text: string, expected: readonly string[]): never {
  throw wrong(asked, flag, text, expected.join(", "));
}
