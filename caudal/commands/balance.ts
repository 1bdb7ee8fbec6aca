import type { TextKey } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, type ListPage } from "../commandline/listing.ts";

interface Day {
  readonly day: string;
  readonly hours: number;
  readonly flowM3: number | null;
  readonly coverage: number;
  readonly totaliserM3: number | null;
  readonly differenceM3: number | null;
  readonly differencePercent: number | null;
  readonly verdict: "agrees" | "differs" | "not-comparable";
  readonly why: string | null;
}

interface Balance extends ListPage<Day> {
  readonly tz: string;
}

const filters = ["from", "to", "tz", "asOf", "tolerancePercent", "toleranceM3"] as const;
const named: Readonly<Record<string, (typeof filters)[number]>> = { "--as-of": "asOf", "--tolerance": "tolerancePercent", "--tolerance-m3": "toleranceM3" };
/** A table stays one that a person can read; programs page. */
const DAYS_SHOWN = 400;

function queryOf({ arguments: { flags }, json }: CommandContext): string {
  const given = { ...flags, ...Object.fromEntries(Object.entries(named).flatMap(([flag, name]) => (flags[flag] === undefined ? [] : [[`--${name}`, flags[flag]]]))) };
  return listQuery(json || given["--limit"] !== undefined ? given : { ...given, "--limit": String(DAYS_SHOWN) }, filters);
}

function row({ day, hours, flowM3, coverage, totaliserM3, differenceM3, differencePercent, verdict, why }: Day, { terminal, say }: CommandContext): string[] {
  const m3 = (value: number | null): string => (value === null ? "-" : `${value} m3`);
  const said = say(`page.balance.is.${verdict}`);
  return [
    hours === 24 ? day : `${day} (${say("page.balance.hours", { hours })})`, m3(flowM3), m3(totaliserM3), differenceM3 === null ? "-" : `${differenceM3} m3${differencePercent === null ? "" : ` (${differencePercent} %)`}`,
    `${(coverage * 100).toFixed(0)} %`, why === null ? (verdict === "differs" ? terminal.paint("red", said) : said) : `${said}: ${say(`page.balance.why.${why}` as TextKey)}`,
  ];
}

export const balance: Command = {
  name: "balance",
  usage: "POINT [--from DAY] [--to DAY] [--tz ZONE] [--as-of TIME] [--tolerance PERCENT] [--tolerance-m3 M3] [--limit DAYS] [--cursor CURSOR]",
  spec: { values: ["--from", "--to", "--tz", ...Object.keys(named), ...pagingFlags], words: 1 },
  async run(context) {
    const { arguments: { positionals: [point] }, api, json, terminal, say, usageError } = context;
    if (point === undefined) throw usageError(say("points.id-missing"));
    const found = await api().get<Balance>(`/api/v1/analytics/points/${encodeURIComponent(point)}/balance${queryOf(context)}`);
    const count = (verdict: Day["verdict"]): number => found.items.filter((day) => day.verdict === verdict).length;
    if (json) terminal.json(found);
    else {
      terminal.table([say("balance.head").split(" | ").map((head) => terminal.paint("dim", head)), ...found.items.map((day) => row(day, context))]);
      terminal.line(say("balance.summary", { agrees: count("agrees"), differs: count("differs"), other: count("not-comparable"), zone: found.tz }));
      if (found.next) terminal.line(say("cli.more", { cursor: found.next }));
    }
    return count("differs") > 0 ? exitCodes.finding : exitCodes.ok;
  },
};
