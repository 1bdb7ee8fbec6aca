import { access } from "node:fs/promises";
import type { BackfillReport, Collector } from "@caudal/collector";
import { createMetrics, createParker, Problem, silentLogger, systemClock, type JobView } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob, jobHere } from "../commandline/follow-job.ts";
import { plain } from "../commandline/plain.ts";
import { secretOf } from "../composition/secret-references.ts";

const BASE = "/api/v1/collector";
const STOP_MS = 5000;


/** A collector that asks only when told to, in this process, on an installation that does not run. */
async function withCollector<T>({ dataDirectory, env, say, arguments: { flags } }: CommandContext, work: (collector: Collector) => Promise<T>): Promise<T> {
  const [{ parseAllSettings }, { openPorts }, { createCollector }, { Codec }, { topicSpecs }] = await Promise.all([
    import("../composition/all-settings.ts"), import("../composition/open-ports.ts"), import("@caudal/collector"), import("@caudal/schemas"), import("@caudal/core"),
  ]);
  const { choices, installation, collector: settings } = parseAllSettings({ env, flags });
  if (choices.log.kind === "embedded") {
    await access(dataDirectory).catch(() => {
      throw new CommandFailure("unavailable", say("tiers.no-folder", { path: dataDirectory }), { next: say("tiers.no-folder.next") });
    });
  }
  const ports = await openPorts(["registry", "log", "documents"], { dataDirectory, choices, settings: installation, logger: silentLogger });
  try {
    const { log, documents, registry } = ports;
    await log.declareTopics(topicSpecs(installation.partitions));
    const [codec, metrics] = [await Codec.open(registry), createMetrics({ process: false })];
    const collector = createCollector({
      log, documents, codec, metrics, parker: createParker({ log, codec, metrics }), clock: systemClock, logger: silentLogger, polls: false,
      settings: { ...settings, mqtt: { kind: "off" }, mqtts: undefined, dropFolder: undefined }, authenticate: async () => undefined, secrets: (reference) => secretOf(reference, () => env),
    });
    await collector.start();
    try {
      return await work(collector);
    } finally {
      await collector.stop(STOP_MS);
    }
  } finally {
    await ports.close();
  }
}

async function here(context: CommandContext, body: Record<string, unknown>): Promise<JobView> {
  const { backfillBodySchema } = await import("@caudal/collector");
  const { language, usageError } = context;
  const parsed = backfillBodySchema.safeParse(body);
  if (!parsed.success) throw usageError(parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("; "));
  const { from, to, account, device, dryRun } = parsed.data;
  if (from >= to) throw usageError(context.say("providers.bad-window"));
  try {
    return await withCollector(context, async (collector) => {
      const work = await collector.backfill(account, { window: { fromUs: from, toUs: to }, dryRun, ...(device === undefined ? {} : { device }) });
      return jobHere(context, "backfill", work);
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail } = error.options;
    throw new CommandFailure(error.code === "in-use" ? "in-use" : "not-found", typeof detail === "object" ? detail[language] : (detail ?? error.message));
  }
}

function print({ dryRun, devices, days, calls, rows, withoutHistory, failed }: BackfillReport, { terminal, say }: CommandContext): void {
  terminal.line(say(dryRun ? "backfill.would" : "backfill.did", { devices, days, calls, rows: rows.forward + rows.late + rows.repeated + rows.corrected, forward: rows.forward, before: rows.late + rows.repeated, corrected: rows.corrected, known: rows.stale, refused: rows.refused }));
  if (withoutHistory.length > 0) terminal.line(say("backfill.without-history", { accounts: withoutHistory.join(", ") }));
  for (const { account, device, keys, kind, detail } of failed) terminal.complain(`${account}/${device} ${keys.join(" ")}: ${kind}, ${plain(detail)}`);
}

export const backfill: Command = {
  name: "backfill",
  usage: "--from DAY|TIME --to DAY|TIME [--account ACCOUNT] [--device DEVICE] [--dry-run]",
  spec: { values: ["--from", "--to", "--account", "--device"], switches: ["--dry-run"] },
  async run(context) {
    const { arguments: { flags }, reachable, api, json, terminal, say, usageError } = context;
    if (flags["--from"] === undefined || flags["--to"] === undefined) throw usageError(say("backfill.no-window"));
    const asked = ["from", "to", "account", "device"].flatMap((name) => (flags[`--${name}`] === undefined ? [] : [[name, flags[`--${name}`]] as const]));
    const body = { ...Object.fromEntries(asked), ...(flags["--dry-run"] === undefined ? {} : { dryRun: true }) };
    const view = reachable ? await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/backfill`, { body })) : await here(context, body);
    const report = view.result as BackfillReport;
    if (json) terminal.json(report);
    else print(report, context);
    return report.failed.length > 0 ? exitCodes.finding : exitCodes.ok;
  },
};
