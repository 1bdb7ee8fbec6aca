import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";

interface Device {
  readonly client: string;
  readonly device: string;
  readonly state: string;
  readonly presence: string;
  readonly lastSeen: string | null;
  readonly points: readonly string[];
}

/** What adopting gave: how many of the kept readings were handed over. */
interface Adopted extends Device {
  readonly replayed: number;
}

export const devicesLs: Command = {
  name: "devices ls",
  usage: "[--client CLIENT] [--state active|waiting] [--limit N] [--cursor CURSOR]",
  spec: { values: ["--client", "--state", ...pagingFlags] },
  async run(context) {
    const page = await context.api().get<ListPage<Device>>(`/api/v1/devices${listQuery(context.arguments.flags, ["client", "state"])}`);
    printPage(context, page, ({ client, device, state, presence, lastSeen, points }) => [`${client}/${device}`, state, presence, lastSeen ?? "-", points.join(" ")]);
    return exitCodes.ok;
  },
};

export const devicesAdopt: Command = {
  name: "devices adopt",
  usage: "CLIENT/DEVICE",
  spec: { words: 1 },
  async run({ arguments: { positionals: [name] }, api, json, terminal, say, usageError }) {
    const at = name?.indexOf("/") ?? -1;
    if (name === undefined || at < 1 || at === name.length - 1) throw usageError(say("devices.name-missing"));
    const path = `/api/v1/devices/${encodeURIComponent(name.slice(0, at))}/${encodeURIComponent(name.slice(at + 1))}/adopt`;
    const device = await api().send<Adopted>("POST", path);
    if (json) terminal.json(device);
    else terminal.line(say("devices.adopted", { device: name, count: device.replayed }));
    return exitCodes.ok;
  },
};
