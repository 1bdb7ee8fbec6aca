import type { Command, CommandContext } from "../commandline/command.ts";
import { durationText } from "../commandline/duration-text.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";
import { COMPLIANCE, namedInstant, namedSlot, namedWork, regulatorTime } from "./dga-named.ts";

interface Counts {
  readonly expected: number;
  readonly ready: number;
  readonly accepted: number;
  readonly late: number;
  readonly missing: number;
  readonly refused: number;
  readonly unknown: number;
  readonly review: number;
  readonly attention: number;
}

/** Whether anything is sent, as the API tells it. */
export interface ShownSending {
  readonly on: boolean;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  readonly restored: boolean;
}

interface Status {
  readonly month: string;
  readonly items: readonly {
    readonly work: string;
    readonly name: string;
    readonly mode: string;
    readonly stopped: string | null;
    readonly lastAccepted: { readonly slot: string; readonly at: string; readonly voucher: string | null } | null;
    readonly nextSlot: string | null;
    readonly counts: Counts;
    readonly lateFailures: number;
  }[];
  readonly next: string | null;
  readonly totals: Counts & { readonly works: number; readonly stopped: number; readonly lateFailures: number };
  readonly sending: ShownSending;
  /** Of the installation. */
  readonly mode: "off" | "sandbox" | "shadow" | "live";
  readonly breaker: readonly { readonly regulator: string; readonly state: string; readonly why: string; readonly retryInMs: number }[];
}

/** Whether anything is sent, in one line; with the next step where it is not. */
export function printSending({ on, by, at, reason, restored }: ShownSending, { terminal, say }: CommandContext): void {
  if (on) return terminal.line(terminal.paint("dim", say("dga.sending-on", { by, at, reason })));
  terminal.line(terminal.paint("yellow", restored ? say("dga.sending-restored") : say("dga.sending-off", { by, at, reason })));
  terminal.line(terminal.paint("dim", `→ ${say("dga.sending-off.next")}`));
}

export const dgaStatus: Command = {
  name: "dga status",
  usage: "[--client CLIENT] [--regulator dga|sma] [--limit N] [--cursor CURSOR]",
  spec: { values: ["--client", "--regulator", ...pagingFlags] },
  async run(context) {
    const { json, terminal, say, arguments: { flags } } = context;
    const status = await context.api().get<Status>(`${COMPLIANCE}/status${listQuery(flags, ["client", "regulator"])}`);
    if (json) terminal.json(status);
    else print(status, context);
    const { stopped, lateFailures, refused, review, attention } = status.totals;
    if (!json && lateFailures > 0) terminal.line(terminal.paint("red", say("dga.to-declare", { count: lateFailures })));
    if (!json && review > 0) terminal.line(terminal.paint("yellow", say("dga.to-review", { count: review })));
    return stopped + lateFailures + refused + review + attention > 0 || !status.sending.on ? exitCodes.finding : exitCodes.ok;
  },
};

function print({ month, items, next, totals, sending, mode, breaker }: Status, context: CommandContext): void {
  const { terminal, say } = context;
  if (items.length === 0) terminal.line(say("cli.none"));
  else {
    const head = ["work", "mode", "last", "next", "accepted", "late", "missing", "refused", "unknown", "review", "failures"] as const;
    terminal.table([head.map((name) => say(`dga.column.${name}`)), ...items.map(({ work, mode: sends, stopped, lastAccepted, nextSlot, counts, lateFailures }) => [
      work, stopped === null ? sends : say("dga.stopped", { reason: stopped.slice(0, 60) }), lastAccepted === null ? say("dga.never") : regulatorTime(lastAccepted.slot), regulatorTime(nextSlot), `${counts.accepted}/${counts.expected}`,
      String(counts.late), String(counts.missing), String(counts.refused), String(counts.unknown), String(counts.review), String(lateFailures),
    ])]);
    terminal.line(say("dga.totals", { month, works: totals.works, accepted: totals.accepted, expected: totals.expected, late: totals.late, missing: totals.missing, refused: totals.refused, unknown: totals.unknown, review: totals.review }));
  }
  if (next !== null) terminal.line(say("cli.more", { cursor: next }));
  for (const { regulator, state, why, retryInMs } of breaker) if (state !== "closed") terminal.line(terminal.paint("yellow", say("dga.breaker", { regulator, why, time: durationText(retryInMs / 1000) })));
  if (mode !== "live") terminal.line(terminal.paint("yellow", say(`dga.mode.${mode}`)));
  printSending(sending, context);
}

interface Slot {
  readonly slot: string;
  readonly local: string;
  readonly standing: string;
  readonly late: boolean;
  readonly lateFailure: boolean;
  readonly reasons: readonly string[];
  readonly values: Values | null;
  readonly edited: boolean;
  readonly attempts: number;
  readonly voucher: string | null;
}

export interface Values {
  readonly flowLps?: number | null;
  readonly totalM3?: number | null;
  readonly depthM?: number | null;
  readonly stageM?: number | null;
}

const units = { flowLps: "L/s", totalM3: "m3", depthM: "m", stageM: "m" } as const;

/** `15.31 L/s 1010 m3 9.85 m`; a dash where nothing was there. */
export function valuesText(values: Values | null): string {
  const texts = Object.entries(units).flatMap(([name, unit]) => {
    const value = values?.[name as keyof Values] ?? null;
    return value === null ? [] : [`${value} ${unit}`];
  });
  return texts.length === 0 ? "-" : texts.join(" ");
}

const slotFilters = ["month", "from", "to", "standing"] as const;

export const dgaSlots: Command = {
  name: "dga slots",
  usage: "WORK [--month YYYY-MM | --from TIME --to TIME] [--standing STANDING] [--limit N] [--cursor CURSOR]",
  spec: { values: [...slotFilters.map((name) => `--${name}`), ...pagingFlags], words: 1 },
  async run(context) {
    const { positionals: [name], flags } = context.arguments;
    const times = Object.fromEntries(["--from", "--to"].flatMap((flag) => (flags[flag] === undefined ? [] : [[flag, namedInstant(flags[flag], context)]])));
    const page = await context.api().get<ListPage<Slot>>(`${namedWork(name, context).path}/slots${listQuery({ ...flags, ...times }, slotFilters)}`);
    printPage(context, page, ({ local, standing, late, lateFailure, reasons, values, edited, voucher }) => [
      local.slice(0, 16), standing, lateFailure ? context.say("dga.column.failures") : late ? context.say("dga.column.late") : "", `${valuesText(values)}${edited ? " *" : ""}`, voucher ?? "-", reasons.join(" "),
    ]);
    return exitCodes.ok;
  },
};

interface Entry {
  readonly seq: number;
  readonly at: string;
  readonly by: string;
  readonly slot: string | null;
  readonly hash: string;
  readonly body: { readonly kind: string; readonly [name: string]: unknown };
}

export const dgaLedger: Command = {
  name: "dga ledger",
  usage: "WORK [--slot TIME] [--after SEQ] [--limit N]",
  spec: { values: ["--slot", "--after", "--limit"], words: 1 },
  async run(context) {
    const { positionals: [name], flags } = context.arguments;
    const slot: Record<string, string> = flags["--slot"] === undefined ? {} : { "--slot": namedSlot(flags["--slot"], context) };
    const page = await context.api().get<ListPage<Entry>>(`${namedWork(name, context).path}/ledger${listQuery({ ...flags, ...slot }, ["slot", "after"])}`);
    const { json, terminal } = context;
    if (json) terminal.json(page);
    else {
      if (page.items.length === 0) terminal.line(context.say("cli.none"));
      terminal.table(page.items.map(({ seq, at, by, slot: of, hash, body }) => [String(seq), at, by, regulatorTime(of), saidIn(body), hash.slice(0, 12)]));
      if (page.next) terminal.line(terminal.paint("dim", `→ --after ${page.next}`));
    }
    return exitCodes.ok;
  },
};

/** What an entry says, in a few words. */
function saidIn(body: Entry["body"]): string {
  const words = ["version", "attempt", "day", "decision", "outcome", "result", "voucher", "code", "reason", "reasons", "source"].flatMap((name) => {
    const value = body[name];
    return value === undefined || value === null || value === "" ? [] : [Array.isArray(value) ? value.join(" ") : String(value)];
  });
  return [body.kind, ...words].join(" ").slice(0, 120);
}
