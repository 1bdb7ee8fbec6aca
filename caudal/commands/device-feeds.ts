import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";
import { devicePath } from "./devices.ts";

interface Feed {
  readonly key: string;
  readonly point: string;
  readonly name: string | null;
  readonly variable: string;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
}

interface FeedsDone {
  readonly before: number;
  readonly after: number;
  readonly changed: boolean;
}

/** Points of one request, as many as the API takes. */
const MOST_POINTS = 2000;

export const devicesFeeds: Command = {
  name: "devices feeds",
  usage: "CLIENT/DEVICE [--key KEY] [--limit N] [--cursor CURSOR]",
  spec: { values: ["--key", ...pagingFlags], words: 1 },
  async run(context) {
    const { arguments: { flags, positionals: [device] }, api, say } = context;
    const page = await api().get<ListPage<Feed>>(`${devicePath(device, context)}/feeds${listQuery(flags, ["key"])}`);
    printPage(context, page, ({ key, point, name, variable, validFrom, validUntil }) => [key, point, name ?? "-", variable, validFrom ?? say("points.first-reading"), validUntil ?? "-"]);
    return exitCodes.ok;
  },
};

export const devicesFeed: Command = {
  name: "devices feed",
  usage: "CLIENT/DEVICE KEY POINT … [--variable VARIABLE] [--from TIME] [--until TIME] [--remove] [--dry-run]",
  spec: { values: ["--variable", "--from", "--until"], switches: ["--remove", "--dry-run"], words: MOST_POINTS + 2 },
  async run(context) {
    const { arguments: { flags, positionals: [device, key, ...points] }, api, json, terminal, say, usageError } = context;
    const path = devicePath(device, context);
    if (key === undefined || points.length === 0) throw usageError(say("devices.feed-what"));
    const { "--variable": variable, "--from": validFrom, "--until": validUntil } = flags;
    const removed = flags["--remove"] !== undefined;
    if (removed && variable !== undefined) throw usageError(say("devices.feed-remove-variable"));
    const dryRun = flags["--dry-run"] !== undefined;
    const feeds = points.map((point) => ({ key, point, ...(variable === undefined ? {} : { variable }), ...(validFrom === undefined ? {} : { validFrom }), ...(validUntil === undefined ? {} : { validUntil }), ...(removed ? { removed } : {}) }));
    const done = await api().send<FeedsDone>("PUT", `${path}/feeds`, { body: { feeds, ...(dryRun ? { dryRun } : {}) } });
    if (json) terminal.json(done);
    else {
      terminal.line(say(done.changed ? (dryRun ? "devices.feed-would" : "devices.feed-done") : "devices.feed-same", { device: device ?? "", before: done.before, after: done.after }));
      if (done.changed && !dryRun) terminal.line(terminal.paint("dim", `→ ${say("devices.feed-next")}`));
    }
    return exitCodes.ok;
  },
};
