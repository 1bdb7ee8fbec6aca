import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";

interface Device {
  readonly client: string;
  readonly device: string;
  readonly state: string;
  readonly presence: string;
  readonly lastSeen: string | null;
  /** Newest source time of its data. */
  readonly newest: string | null;
  readonly points: readonly string[];
}

/** A device that an edge turned away. */
interface Refused {
  readonly client: string;
  readonly device: string;
  readonly reason: string;
  readonly detail: string;
  readonly last: string;
}

/** What adopting gave: how many of the kept readings were handed over. */
interface Adopted extends Device {
  readonly replayed: number;
}

/** Where the API has a device that was written CLIENT/DEVICE. Usage error where it was not. */
export function devicePath(name: string | undefined, { say, usageError }: Pick<CommandContext, "say" | "usageError">): string {
  const at = name?.indexOf("/") ?? -1;
  if (name === undefined || at < 1 || at === name.length - 1) throw usageError(say("devices.name-missing"));
  return `/api/v1/devices/${encodeURIComponent(name.slice(0, at))}/${encodeURIComponent(name.slice(at + 1))}`;
}

export const devicesLs: Command = {
  name: "devices ls",
  usage: "[--client CLIENT] [--state active|waiting | --refused] [--limit N] [--cursor CURSOR]",
  spec: { values: ["--client", "--state", ...pagingFlags], switches: ["--refused"] },
  async run(context) {
    const { arguments: { flags }, say, usageError } = context;
    if (flags["--refused"] !== undefined) {
      if (flags["--state"] !== undefined) throw usageError(say("devices.refused-or-state"));
      const refused = await context.api().get<ListPage<Refused>>(`/api/v1/devices/refused${listQuery(flags, ["client"])}`);
      printPage(context, refused, ({ client, device, reason, last, detail }) => [`${client}/${device}`, reason, last, detail]);
      return exitCodes.ok;
    }
    const page = await context.api().get<ListPage<Device>>(`/api/v1/devices${listQuery(context.arguments.flags, ["client", "state"])}`);
    printPage(context, page, ({ client, device, state, presence, lastSeen, newest, points }) => [`${client}/${device}`, state, presence, lastSeen ?? "-", newest ?? "-", points.join(" ")]);
    return exitCodes.ok;
  },
};

export const devicesAdopt: Command = {
  name: "devices adopt",
  usage: "CLIENT/DEVICE",
  spec: { words: 1 },
  async run(context) {
    const { arguments: { positionals: [name = ""] }, api, json, terminal, say } = context;
    const device = await api().send<Adopted>("POST", `${devicePath(name, context)}/adopt`);
    if (json) terminal.json(device);
    else terminal.line(say("devices.adopted", { device: name, count: device.replayed }));
    return exitCodes.ok;
  },
};
