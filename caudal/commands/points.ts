import type { Arguments, UsageError } from "../commandline/arguments.ts";
import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import type { CliText } from "../commandline/say.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";

interface PointVariable {
  readonly key: string;
  readonly variable: string;
  readonly unit: string;
  readonly sourceUnit: string;
  readonly guessed: boolean;
}

interface Point {
  readonly id: string;
  readonly client: string;
  readonly name: string;
  readonly device: string;
  readonly variables: readonly PointVariable[];
  readonly settings: readonly PointPeriod[];
  readonly limits: readonly LimitPeriod[];
}

interface PointPeriod {
  readonly validFrom: string | null;
  readonly values: Readonly<Record<string, number | string | null>>;
  readonly changedAt: string;
  readonly changedBy: string;
  readonly reason?: string;
}

interface LimitPeriod extends PointPeriod {
  readonly variable: string;
}

interface SettingRow {
  readonly name: string;
  readonly unit: string;
  readonly says: { readonly en: string; readonly es: string };
}

function variableText({ key, variable, unit, sourceUnit, guessed }: PointVariable): string {
  return `${key} → ${variable} [${sourceUnit === unit || sourceUnit === "" ? unit : `${sourceUnit} → ${unit}`}]${guessed ? " ?" : ""}`;
}

export const pointsLs: Command = {
  name: "points ls",
  usage: "[--client CLIENT] [--q TEXT] [--limit N] [--cursor CURSOR]",
  spec: { values: ["--client", "--q", ...pagingFlags] },
  async run(context) {
    const page = await context.api().get<ListPage<Point>>(`/api/v1/points${listQuery(context.arguments.flags, ["client", "q"])}`);
    printPage(context, page, ({ id, client, device, name, variables }) => [id, client, device, name, variables.map((row) => row.variable).join(" ")]);
    return exitCodes.ok;
  },
};

export const pointsShow: Command = {
  name: "points show",
  usage: "POINT",
  spec: { words: 1 },
  async run({ arguments: { positionals: [id] }, api, json, terminal, language, say, usageError }) {
    if (id === undefined) throw usageError(say("points.id-missing"));
    const point = await api().get<Point>(`/api/v1/points/${encodeURIComponent(id)}`);
    if (json) terminal.json(point);
    else {
      terminal.line(`${terminal.paint("bold", point.name)}  ${point.client}/${point.device}  ${new URL(`/points/${point.id}`, api().baseUrl).href}`);
      for (const row of point.variables) terminal.line(`  ${variableText(row)}`);
      const rows = point.settings.length === 0 ? [] : (await api().get<ListPage<SettingRow>>("/api/v1/variables/settings")).items;
      const told = (period: PointPeriod, of: (name: string) => readonly [name: string, unit: string, says: string]): void => {
        const { validFrom, values, changedAt, changedBy, reason } = period;
        terminal.line(terminal.paint("dim", `${say("points.settings-from", { from: validFrom ?? say("points.first-reading"), by: changedBy === "" ? "?" : changedBy, at: changedAt })}${reason === undefined ? "" : ` · ${reason}`}`));
        terminal.table(Object.entries(values).map(([name, value]) => {
          const [shown, unit, says] = of(name);
          return [`  ${shown}`, value === null ? "-" : `${value}${unit === "" ? "" : ` ${unit}`}`, says];
        }));
      };
      for (const period of point.settings) {
        told(period, (name) => {
          const row = rows.find((known) => known.name === name);
          return [name, row?.unit ?? "", row?.says[language] ?? ""];
        });
      }
      for (const period of point.limits) told(period, (name) => [`${period.variable}.${name}`, "", isLimit(name) ? say(`points.limit-${name}`) : ""]);
    }
    return exitCodes.ok;
  },
};

/** `caudal=flow:m3/h`: what a key of the source means. */
function mapping(text: string, fail: () => Error): { key: string; variable: string; unit?: string } {
  const [, key, variable, unit] = /^([^=]+)=([^:]+)(?::(.+))?$/.exec(text) ?? [];
  if (key === undefined || variable === undefined) throw fail();
  return unit === undefined ? { key, variable } : { key, variable, unit };
}

const limitNames = ["min", "max", "maxRatePerS", "flatLineS", "spike", "stuckM3"] as const;

function isLimit(name: string): name is (typeof limitNames)[number] {
  return limitNames.some((known) => known === name);
}

/** `flow.max=40` as parted by `setting`: the limits of each variable that is named. */
function limitsOf(given: readonly (readonly [string, number | string | null])[]): { readonly variable: string; readonly values: Readonly<Record<string, number | string | null>> }[] {
  const found = new Map<string, Record<string, number | string | null>>();
  for (const [name, value] of given) {
    const [variable = "", limit = ""] = name.split(".", 2);
    found.set(variable, { ...found.get(variable), [limit]: value });
  }
  return [...found].map(([variable, values]) => ({ variable, values }));
}

/** `sensorDepthM=45`, or `sensor-depth-m=45`: a setting and its value; nothing behind the sign unsets it. */
function setting(text: string, fail: () => Error): readonly [string, number | string | null] {
  const at = text.indexOf("=");
  if (at < 1) throw fail();
  const name = text.slice(0, at).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const value = text.slice(at + 1).trim();
  return [name, value === "" ? null : Number.isNaN(Number(value)) ? value : Number(value)];
}

/** What the flags ask for, as the API takes it. */
function changeOf({ flags, all }: Arguments, say: CliText, usageError: UsageError): { name?: string; periodS?: number | null; variables?: object[]; settings?: object[]; limits?: object[] } {
  const { "--name": name, "--period": period, "--from": from, "--reason": reason } = flags;
  const given = all("--set").map((text) => setting(text, () => usageError(say("points.bad-setting", { text }))));
  const values = Object.fromEntries(given.filter(([of]) => !of.includes(".")));
  const limits = limitsOf(given.filter(([of]) => of.includes(".")));
  if ((from !== undefined || reason !== undefined) && given.length === 0) throw usageError(say("points.from-without-set"));
  const variables = all("--map").map((text) => mapping(text, () => usageError(say("points.bad-map", { text }))));
  if (period !== undefined && period !== "auto" && !/^\d+(\.\d+)?$/.test(period)) throw usageError(say("points.bad-period", { text: period }));
  const held = { validFrom: from ?? null, ...(reason === undefined ? {} : { reason }) };
  return {
    ...(name === undefined ? {} : { name }),
    ...(period === undefined ? {} : { periodS: period === "auto" ? null : Number(period) }),
    ...(variables.length === 0 ? {} : { variables }),
    ...(Object.keys(values).length === 0 ? {} : { settings: [{ ...held, values }] }),
    ...(limits.length === 0 ? {} : { limits: limits.map((of) => ({ ...of, ...held })) }),
  };
}

export const pointsSet: Command = {
  name: "points set",
  usage: "POINT [--name NAME] [--period SECONDS|auto] [--map KEY=VARIABLE[:UNIT] …] [--set SETTING=VALUE|VARIABLE.LIMIT=VALUE … [--from TIME] [--reason TEXT]]",
  spec: { values: ["--name", "--period", "--map", "--set", "--from", "--reason"], words: 1 },
  async run({ arguments: given, api, json, terminal, say, usageError }) {
    const [id] = given.positionals;
    if (id === undefined) throw usageError(say("points.id-missing"));
    const change = changeOf(given, say, usageError);
    if (Object.keys(change).length === 0) throw usageError(say("points.nothing-asked"));
    const point = await api().send<Point>("PUT", `/api/v1/points/${encodeURIComponent(id)}/config`, { body: change });
    if (json) terminal.json(point);
    else terminal.line(say("points.configured", { name: point.name }));
    return exitCodes.ok;
  },
};
