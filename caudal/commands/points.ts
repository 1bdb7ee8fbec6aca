import { CaudalError } from "@caudal/core";
import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
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
  async run({ arguments: { positionals: [id] }, api, json, terminal }) {
    if (id === undefined) throw new CaudalError("bad-request", "caudal points show POINT");
    const point = await api().get<Point>(`/api/v1/points/${encodeURIComponent(id)}`);
    if (json) terminal.json(point);
    else {
      terminal.line(`${terminal.paint("bold", point.name)}  ${point.client}/${point.device}  ${new URL(`/points/${point.id}`, api().baseUrl).href}`);
      for (const row of point.variables) terminal.line(`  ${variableText(row)}`);
    }
    return exitCodes.ok;
  },
};

const SET_USAGE = "POINT [--name NAME] [--period SECONDS] [--map KEY=VARIABLE[:UNIT]]";

/** `caudal=flow:m3/h`: what a key of the source means. */
function mapping(text: string): { key: string; variable: string; unit?: string } {
  const [, key, variable, unit] = /^([^=]+)=([^:]+)(?::(.+))?$/.exec(text) ?? [];
  if (key === undefined || variable === undefined) throw new CaudalError("bad-request", `caudal points set ${SET_USAGE}`);
  return unit === undefined ? { key, variable } : { key, variable, unit };
}

export const pointsSet: Command = {
  name: "points set",
  usage: SET_USAGE,
  spec: { values: ["--name", "--period", "--map"] },
  async run({ arguments: { positionals: [id], flags }, api, json, terminal, say }) {
    const { "--name": name, "--period": period, "--map": map } = flags;
    if (id === undefined || (name ?? period ?? map) === undefined) throw new CaudalError("bad-request", `caudal points set ${SET_USAGE}`);
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(period === undefined ? {} : { periodS: Number(period) }),
      ...(map === undefined ? {} : { variables: [mapping(map)] }),
    };
    const point = await api().send<Point>("PUT", `/api/v1/points/${encodeURIComponent(id)}/config`, change);
    if (json) terminal.json(point);
    else terminal.line(say("points.configured", { name: point.name }));
    return exitCodes.ok;
  },
};
