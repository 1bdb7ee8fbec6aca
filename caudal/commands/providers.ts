import type { Account, AccountView, DeviceView, ScoreCardView, TriedKeys } from "@caudal/collector";
import { createMetrics, silentLogger, systemClock } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { durationText } from "../commandline/duration-text.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, type ListPage } from "../commandline/listing.ts";
import { plain } from "../commandline/plain.ts";
import { secretOf } from "../composition/secret-references.ts";

interface Providers extends ListPage<AccountView> {
  readonly problems: readonly { readonly account: string; readonly device: string | null; readonly line: number; readonly detail: string }[];
}

interface Status {
  readonly items: readonly ScoreCardView[];
  readonly devices: ListPage<DeviceView>;
}

const age = (ms: number | null): string => (ms === null ? "-" : durationText(ms / 1000));

function budgetText({ budget }: AccountView): string {
  return budget.map(({ calls, perMs, used }) => `${used}/${calls} / ${durationText(perMs / 1000)}`).join(", ");
}

export const providersLs: Command = {
  name: "providers ls",
  usage: "",
  spec: {},
  async run({ api, json, terminal, say }) {
    const page = await api().get<Providers>("/api/v1/providers");
    if (json) terminal.json(page);
    else {
      if (page.items.length === 0) terminal.line(say("cli.none"));
      terminal.table(page.items.map((account) => [account.account, account.provider, account.client, say("providers.devices", { count: account.devices }), say(`providers.${account.state}`), plain(account.outage?.detail ?? "")]));
      for (const { account, device, detail } of page.problems) terminal.complain(say("providers.left-out", { what: device === null ? account : `${account}/${device}`, why: plain(detail) }));
    }
    return page.problems.length > 0 || page.items.some(({ state }) => state === "away") ? exitCodes.finding : exitCodes.ok;
  },
};

function printCard(card: ScoreCardView, { terminal, say }: CommandContext): void {
  const { hour, day } = card;
  terminal.line(`${terminal.paint("bold", card.account)}  ${card.provider}  ${card.client}  ${say(`providers.${card.state}`)}`);
  if (card.outage !== null) terminal.line(terminal.paint("red", `  ${say("providers.outage", { since: card.outage.since, kind: card.outage.kind, detail: plain(card.outage.detail), retryAt: card.outage.retryAt })}`));
  terminal.line(`  ${say("providers.fresh", { devices: card.devices, late: card.late, never: card.neverSeen, wrong: card.misconfigured, p50: age(card.ageMs?.p50 ?? null), p95: age(card.ageMs?.p95 ?? null) })}`);
  for (const [key, score] of [["providers.hour", hour], ["providers.day", day]] as const) {
    const outcomes = Object.entries(score.outcomes).filter(([, count]) => count > 0).map(([kind, count]) => `${kind} ${count}`).join(", ");
    terminal.line(`  ${say(key, { calls: score.calls, rows: score.rows.forward + score.rows.late + score.rows.repeated, corrected: score.rows.corrected, late: score.rows.late, filled: score.filled, outcomes: outcomes || "-" })}`);
  }
  terminal.line(`  ${say("providers.budget", { budget: budgetText(card) || "-" })}`);
  for (const { device, keys, from, to } of card.gaps.slice(-5)) terminal.line(`  ${say("providers.gap", { device, keys: keys.join(" "), from, to })}`);
}

export const providersStatus: Command = {
  name: "providers status",
  usage: "NAME [--limit N] [--cursor CURSOR]",
  spec: { words: 1, values: [...pagingFlags] },
  async run(context) {
    const { arguments: { positionals: [name], flags }, api, json, terminal, say, usageError } = context;
    if (name === undefined) throw usageError(say("providers.name-missing"));
    const status = await api().get<Status>(`/api/v1/status/${encodeURIComponent(name)}${listQuery(flags, [])}`);
    if (json) terminal.json(status);
    else {
      for (const card of status.items) printCard(card, context);
      terminal.table(status.devices.items.map((device) => [
        `${device.account}/${device.device}`, device.newest ?? say("providers.never"), age(device.ageMs), device.late ? say("providers.late") : "", device.troubles.map(({ kind, keys, detail }) => `${kind} ${keys.join(" ")}: ${plain(detail)}`).join("; "),
      ]));
      if (status.devices.next) terminal.line(say("cli.more", { cursor: status.devices.next }));
    }
    return status.items.some(({ state, misconfigured }) => state === "away" || misconfigured > 0) ? exitCodes.finding : exitCodes.ok;
  },
};

/** Accounts of the file, and which of them a word means: an account, or all of a provider. */
async function accountsOf(name: string, { arguments: { flags }, env, say }: CommandContext): Promise<readonly Account[]> {
  const { providers, readProvidersFile, shippedProvidersFile } = await import("@caudal/collector");
  const path = flags["--file"] ?? (env["CAUDAL_PROVIDERS"] || shippedProvidersFile);
  const { accounts, problems } = await readProvidersFile(path, { resolveSecret: (reference) => secretOf(reference, () => env), providers });
  const named = accounts.filter(({ id }) => id === name);
  const found = named.length > 0 ? named : accounts.filter(({ provider }) => provider.id === name || provider.aliases.includes(name));
  if (found.length > 0) return found;
  const problem = problems.find(({ account }) => account === name);
  if (problem !== undefined) throw new CommandFailure("setting", say("providers.left-out", { what: problem.device === undefined ? name : `${name}/${problem.device}`, why: problem.detail }), { next: say("providers.left-out.next") });
  throw new CommandFailure("not-found", say("providers.unknown", { name, file: path }), { next: say("providers.unknown.next", { names: accounts.map(({ id }) => id).join(", ") || "-" }) });
}

function windowOf({ arguments: { flags }, say, usageError }: CommandContext): { readonly fromUs: number; readonly toUs: number } | undefined {
  const [from, to] = [flags["--from"], flags["--to"]];
  if (from === undefined && to === undefined) return undefined;
  const instant = (text: string | undefined): number => Date.parse(text ?? "") * 1000;
  const [fromUs, toUs] = [instant(from), instant(to)];
  if (!(fromUs < toUs)) throw usageError(say("providers.bad-window"));
  return { fromUs, toUs };
}

function printTried(tried: readonly TriedKeys[], { terminal, say }: CommandContext): void {
  for (const { account, device, keys, outcome, detail, samples, refused, more } of tried) {
    terminal.line(`${terminal.paint("bold", `${account}/${device}`)}  ${keys.join(" ")}  ${outcome}${detail === "" ? "" : `: ${plain(detail)}`}`);
    terminal.table(samples.map(({ key, value, unit, time }) => [`  ${plain(key)}`, plain(String(value ?? say("cli.none"))), unit ?? "", time]));
    for (const why of refused) terminal.complain(plain(why));
    if (more) terminal.line(`  ${say("providers.try-more")}`);
  }
}

export const providersTry: Command = {
  name: "providers try",
  usage: "NAME [--device DEVICE] [--from TIME --to TIME] [--file providers.yaml]",
  spec: { words: 1, values: ["--device", "--from", "--to", "--file"] },
  async run(context) {
    const { arguments: { positionals: [name], flags }, json, terminal, say, signals, usageError } = context;
    if (name === undefined) throw usageError(say("providers.name-missing"));
    const window = windowOf(context);
    const { tryAccount } = await import("@caudal/collector");
    const pressed = new AbortController();
    const stop = (): void => pressed.abort(new CommandFailure("closed", say("providers.try-stopped")));
    signals.once("SIGINT", stop).once("SIGTERM", stop);
    try {
      const tried: TriedKeys[] = [];
      const shared = { clock: systemClock, logger: silentLogger, metrics: createMetrics({ process: false }), signal: pressed.signal };
      const device = flags["--device"];
      for (const account of await accountsOf(name, context)) {
        terminal.status(say("providers.trying", { account: account.id, url: account.baseUrl }));
        tried.push(...await tryAccount({ account, ...shared, ...(device === undefined ? {} : { device }), ...(window === undefined ? {} : { window }) }));
      }
      terminal.status("");
      if (tried.length === 0) throw new CommandFailure("not-found", say("providers.no-device", { device: device ?? "" }));
      if (json) terminal.json({ items: tried });
      else printTried(tried, context);
      return tried.every(({ outcome, refused }) => outcome === "ok" && refused.length === 0) ? exitCodes.ok : exitCodes.finding;
    } finally {
      terminal.status("");
      signals.off("SIGINT", stop).off("SIGTERM", stop);
    }
  },
};
