import type { ClientView, ErasureReport, Stay } from "@caudal/archiver";
import { silentLogger, type JobView } from "@caudal/runtime";
import { ApiClient } from "../commandline/api-client.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob } from "../commandline/follow-job.ts";

const BASE = "/api/v1/archiver";
const STOP_MS = 4500;

/** The running installation, or one that is started on the folder for as long as it takes, that nobody can send to: what the log still holds has to run through. */
async function withApi<T>(context: CommandContext, work: (api: ApiClient) => Promise<T>): Promise<T> {
  if (context.reachable) return work(context.api());
  const [{ parseAllSettings }, { startOneProcess }] = await Promise.all([import("../composition/all-settings.ts"), import("../composition/one-process.ts")]);
  const { dataDirectory, env, language, say, arguments: { flags } } = context;
  const settings = parseAllSettings({ env: { ...env, CAUDAL_DROP_FOLDER: "" }, flags: { ...flags, "--http": "127.0.0.1:0", "--mqtt": "off" } });
  const installation = await startOneProcess({ dataDirectory, settings, logger: silentLogger, demo: false });
  try {
    return await work(new ApiClient({ baseUrl: installation.urls().page, language, say }));
  } finally {
    await installation.stop(STOP_MS);
  }
}

export const clientsLs: Command = {
  name: "clients ls",
  usage: "",
  spec: {},
  async run(context) {
    const { json, terminal, say } = context;
    const { items } = await withApi(context, (api) => api.get<{ items: ClientView[] }>(`${BASE}/clients`));
    if (json) terminal.json({ items, next: null });
    else if (items.length === 0) terminal.line(say("cli.none"));
    else terminal.table(items.map(({ client, name, points, devices, state, erasedAt }) => [client, name, say("clients.points", { points }), say("clients.devices", { devices }), state === "active" ? "" : say(`clients.${state}`, { time: erasedAt ?? "" })]));
    return exitCodes.ok;
  },
};

export const clientsCreate: Command = {
  name: "clients create",
  usage: "CLIENT [--name NAME]",
  spec: { values: ["--name"], words: 1 },
  async run(context) {
    const { json, terminal, say, usageError, arguments: { positionals: [client], flags: { "--name": name } } } = context;
    if (client === undefined) throw usageError(say("clients.id-missing"));
    const made = await withApi(context, (api) => api.send<{ created: boolean }>("POST", `${BASE}/clients`, { body: { client, ...(name === undefined ? {} : { name }) } }));
    if (json) terminal.json({ client, ...made });
    else terminal.line(say(made.created ? "clients.created" : "clients.there", { client }));
    return exitCodes.ok;
  },
};

export const clientsErase: Command = {
  name: "clients erase",
  usage: "CLIENT [--dry-run] [--yes]",
  spec: { switches: ["--dry-run", "--yes"], words: 1 },
  async run(context) {
    const { json, terminal, say, usageError, arguments: { positionals: [client], flags } } = context;
    if (client === undefined) throw usageError(say("clients.id-missing"));
    const isPlan = flags["--dry-run"] !== undefined || flags["--yes"] === undefined;
    const path = `${BASE}/clients/${encodeURIComponent(client)}/erasure`;
    const report = await withApi(context, async (api) => {
      if (isPlan) return api.get<ErasureReport>(path);
      const view = await followJob({ ...context, api: () => api }, BASE, await api.send<JobView>("POST", path));
      return view.result as ErasureReport;
    });
    if (json) terminal.json({ erased: !isPlan, ...report });
    else print(context, report, isPlan);
    // Asked to erase and not told to go ahead: something is left to do.
    return isPlan && flags["--dry-run"] === undefined ? exitCodes.finding : exitCodes.ok;
  },
};

function print({ terminal, say }: CommandContext, { client, points, counts, stays }: ErasureReport, isPlan: boolean): void {
  terminal.line(say(isPlan ? "clients.would-erase" : "clients.was-erased", { client, points }));
  terminal.table(Object.entries(counts).map(([what, count]) => [what, String(count)]));
  terminal.line(say("clients.stays"));
  for (const { what, until, names } of stays) terminal.line(`  ${say(stayText[what], { until: until ?? "", names: names.join(", "), client })}`);
  if (isPlan) terminal.line(say("clients.erase-next", { client }));
}

const stayText = {
  log: "clients.stays.log", "parked-log": "clients.stays.parked-log", backups: "clients.stays.backups", submissions: "clients.stays.submissions", audit: "clients.stays.audit", mark: "clients.stays.mark",
} as const satisfies Record<Stay["what"], string>;
