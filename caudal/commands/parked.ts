import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { plain } from "../commandline/plain.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";

interface ParkedItem {
  readonly id: string;
  readonly client: string;
  readonly group: string;
  readonly reason: string;
  readonly reasonText: string;
  /** What can be done about the reason. */
  readonly next: string;
  readonly detail: string;
  readonly origin: string;
  readonly receivedAt: string;
  readonly bytes: number;
  readonly state: string;
}

interface ReplayResult {
  readonly replayed: number;
  readonly stillParked: number;
}

const filters = ["client", "group", "reason", "state"] as const;
const filterFlags = filters.map((name) => `--${name}`);

export const parkedLs: Command = {
  name: "parked ls",
  usage: "[--client CLIENT] [--group GROUP] [--reason REASON] [--state parked|replayed|discarded] [--limit N] [--cursor CURSOR]",
  spec: { values: [...filterFlags, ...pagingFlags] },
  async run(context) {
    const page = await context.api().get<ListPage<ParkedItem>>(`/api/v1/parked${listQuery(context.arguments.flags, filters)}`);
    printPage(context, page, ({ id, receivedAt, group, reason, origin, bytes, detail }) => [id, receivedAt, group, reason, origin, `${bytes} B`, detail]);
    return exitCodes.ok;
  },
};

export const parkedShow: Command = {
  name: "parked show",
  usage: "ID",
  spec: { words: 1 },
  async run({ arguments: { positionals: [id] }, api, json, terminal, say, usageError }) {
    if (id === undefined) throw usageError(say("parked.id-missing"));
    const item = await api().get<ParkedItem & { text: string | null; value: string }>(`/api/v1/parked/${encodeURIComponent(id)}`);
    if (json) terminal.json(item);
    else {
      terminal.line(`${terminal.paint("bold", item.reasonText)} (${item.reason})  ${plain(item.detail)}`);
      terminal.line(`${item.receivedAt}  ${item.group}  ${plain(item.origin)}  ${item.bytes} B  ${item.state}`);
      terminal.line(terminal.paint("dim", `→ ${item.next}`));
      terminal.line(item.text === null ? Buffer.from(item.value, "base64").toString("hex") : plain(item.text, "lines"));
    }
    return exitCodes.ok;
  },
};

const REPLAY_USAGE = "ID | --all [--client CLIENT] [--group GROUP] [--reason REASON]";

export const parkedReplay: Command = {
  name: "parked replay",
  usage: REPLAY_USAGE,
  spec: { values: ["--client", "--group", "--reason"], switches: ["--all"], words: 1 },
  async run({ arguments: { positionals: [id], flags }, api, json, terminal, say, usageError }) {
    if ((id === undefined) === (flags["--all"] === undefined)) throw usageError(say("parked.id-or-all"));
    const filter = Object.fromEntries(["client", "group", "reason"].map((name) => [name, flags[`--${name}`]]).filter(([, value]) => value !== undefined)) as Record<string, string>;
    const result = id === undefined ? await api().send<ReplayResult>("POST", "/api/v1/parked/replay", { body: filter }) : await api().send<ReplayResult>("POST", `/api/v1/parked/${encodeURIComponent(id)}/replay`);
    if (json) terminal.json(result);
    else terminal.line(say("parked.replayed", { count: result.replayed, left: result.stillParked }));
    return result.stillParked === 0 ? exitCodes.ok : exitCodes.finding;
  },
};
