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
  async run({ arguments: { positionals: [id] }, api, json, terminal, say, usageError }) {
    if (id === undefined) throw usageError(say("points.id-missing"));
    const point = await api().get<Point>(`/api/v1/points/${encodeURIComponent(id)}`);
    if (json) terminal.json(point);
    else {
      terminal.line(`${terminal.paint("bold", point.name)}  ${point.client}/${point.device}  ${new URL(`/points/${point.id}`, api().baseUrl).href}`);
      for (const row of point.variables) terminal.line(`  ${variableText(row)}`);
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

/** What the flags ask for, as the API takes it. */
function changeOf({ flags, all }: Arguments, say: CliText, usageError: UsageError): { name?: string; periodS?: number | null; variables?: object[] } {
  const { "--name": name, "--period": period } = flags;
  const variables = all("--map").map((text) => mapping(text, () => usageError(say("points.bad-map", { text }))));
  if (period !== undefined && period !== "auto" && !/^\d+(\.\d+)?$/.test(period)) throw usageError(say("points.bad-period", { text: period }));
  return {
    ...(name === undefined ? {} : { name }),
    ...(period === undefined ? {} : { periodS: period === "auto" ? null : Number(period) }),
    ...(variables.length === 0 ? {} : { variables }),
  };
}

export const pointsSet: Command = {
  name: "points set",
  usage: "POINT [--name NAME] [--period SECONDS|auto] [--map KEY=VARIABLE[:UNIT] …]",
  spec: { values: ["--name", "--period", "--map"], words: 1 },
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
