import type { ReplayRequest, Replays } from "@caudal/processor";
import { createLogger, type JobView } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob, jobHere } from "../commandline/follow-job.ts";
import { printReplay, printTrial, showChanges, type ShownReplay } from "./replay-text.ts";
import { triedRulesOf } from "./tried-rules.ts";

const BASE = "/api/v1/processor";
const CLOSE_MS = 10_000;

type Asked = Omit<ReplayRequest, "fromUs" | "toUs" | "rules"> & { readonly from?: string; readonly to?: string; readonly rules?: unknown };

export const scopeFlags = ["--from", "--to", "--client", "--device", "--point"] as const;

export const replay: Command = {
  name: "replay",
  usage: "[--from TIME] [--to TIME] [--client CLIENT] [--device DEVICE | --point POINT] [--diff] [--diff-file FILE] [--dry-run | --rules FILE | --apply [--withdraw]]",
  spec: { values: [...scopeFlags, "--diff-file", "--rules"], switches: ["--diff", "--dry-run", "--apply", "--withdraw"] },
  async run(context) {
    const { usageError, say, arguments: { flags } } = context;
    if (flags["--apply"] !== undefined && flags["--dry-run"] !== undefined) throw usageError(say("replay.apply-or-not"));
    if (flags["--withdraw"] !== undefined && flags["--apply"] === undefined) throw usageError(say("replay.withdraw-needs-apply"));
    if (flags["--rules"] !== undefined && flags["--apply"] !== undefined) throw usageError(say("replay.rules-not-applied"));
    return runReplay(context, flags["--rules"] === undefined ? undefined : await triedRulesOf(context, flags["--rules"]));
  },
};

/** A replay of what the flags name, by rules that are tried where there are any. */
export async function runReplay(context: CommandContext, rules: unknown): Promise<number> {
  const { reachable, api, usageError, say, arguments: { flags } } = context;
  if (flags["--device"] !== undefined && (flags["--client"] === undefined || flags["--point"] !== undefined)) throw usageError(say("replay.device-needs-client"));
  const named = Object.fromEntries(scopeFlags.flatMap((flag) => (flags[flag] === undefined ? [] : [[flag.slice(2), flags[flag]]])));
  const asked: Asked = { ...named, apply: flags["--apply"] !== undefined, withdraw: flags["--withdraw"] !== undefined, ...(rules === undefined ? {} : { rules }) };
  if (!reachable) return here(context, asked);
  const view = await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/replays`, { body: asked }));
  const result = view.result as ShownReplay;
  await showChanges(context, () => api().stream(`${BASE}/replays/${result.findings}/changes`, AbortSignal.timeout(3_600_000)).then(({ body }) => body ?? []));
  return told(context, result, rules !== undefined);
}

/** Where nothing runs on the folder: what writes and reads the log and cold starts in this process, and stops when the replay is over. */
async function here(context: CommandContext, asked: Asked): Promise<number> {
  const { env, dataDirectory, terminal } = context;
  const [{ checkedRules }, { parseAllSettings }, { openFoundation }, { portNames }, services, { makeReplays }] = await Promise.all([
    import("@caudal/processor"), import("../composition/all-settings.ts"), import("../composition/foundation.ts"), import("../composition/ports.ts"), import("../composition/services.ts"), import("../composition/replays.ts"),
  ]);
  const request = requestOf(context, asked, asked.rules === undefined ? undefined : checkedRules(asked.rules));
  const settings = parseAllSettings({ env, flags: { "--demo": "off" } });
  const logger = createLogger({ level: "error", destination: terminal.log, color: terminal.colour });
  const foundation = await openFoundation(portNames, { dataDirectory, settings, logger });
  const replays: Replays = makeReplays(foundation);
  // On servers the fleet's own processes do this.
  const alone = settings.choices.log.kind === "embedded" ? [services.makeProcessor(foundation), services.makeArchiver(foundation)] : [];
  const started: { stop(deadlineMs: number): Promise<void> }[] = [];
  try {
    for (const component of [...alone, replays]) {
      await component.start();
      started.push(component);
    }
    const view = await jobHere(context, "replay", (run) => replays.perform(request, run));
    const result = view.result as ShownReplay;
    await showChanges(context, async () => replays.changes(result.findings) ?? []);
    return await told(context, result, request.rules !== undefined);
  } finally {
    for (const component of started.reverse()) await component.stop(CLOSE_MS);
    await foundation.close();
  }
}

function requestOf({ usageError, say }: CommandContext, { from, to, ...rest }: Asked, rules: ReplayRequest["rules"]): ReplayRequest {
  const instantOf = (flag: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const timeMs = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) || !text.includes("T") ? text : `${text}Z`);
    if (Number.isNaN(timeMs)) throw usageError(say("replay.no-time", { flag, time: text }));
    return timeMs * 1000;
  };
  return { ...rest, rules, fromUs: instantOf("--from", from), toUs: instantOf("--to", to) };
}

async function told(context: CommandContext, result: ShownReplay, tried: boolean): Promise<number> {
  if (context.json) context.terminal.json(result);
  else if (tried) printTrial(context, result);
  else printReplay(context, result);
  const left = result.applied === null ? result.changes : result.applied.left;
  return left === 0 ? exitCodes.ok : exitCodes.finding;
}
