import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostileDay } from "./hostile-day.ts";

export type Mode = "embedded" | "engines";

/** The figures of some hostile hours. */
export interface Summary extends Omit<HostileDay, "lost" | "outdated" | "invented" | "audit" | "realMs"> {
  readonly mode: Mode;
  readonly command: string;
  readonly hours: number;
  readonly devices: number;
  readonly everyS: number;
  readonly tookS: number;
  readonly verdict: { readonly ok: boolean; readonly outcomes: Readonly<Record<string, number>>; readonly findings: Readonly<Record<string, number>>; readonly looked: Readonly<Record<string, number>> };
  /** By the judge of the log alone. */
  readonly inLog: { readonly lost: number; readonly outdated: number; readonly invented: number };
  /** Some of what was found. */
  readonly examples: readonly unknown[];
}

const modes: readonly Mode[] = ["embedded", "engines"];
const SHOWN = 20;

/** True when nothing was found: in the log, by the auditor, and in the sandbox's count of limits. */
export function isWhole({ lost, outdated, invented, audit, exceeded }: HostileDay): boolean {
  return lost.length + outdated.length + invented.length + exceeded === 0 && audit.ok;
}

export function summaryOf(day: HostileDay, about: Pick<Summary, "mode" | "command" | "hours" | "devices" | "everyS">): Summary {
  const { lost, outdated, invented, audit: { ok, outcomes, findings, looked, examples }, realMs, ...counts } = day;
  return {
    ...about, ...counts, tookS: Math.round(realMs / 1000), verdict: { ok, outcomes, findings, looked }, inLog: { lost: lost.length, outdated: outdated.length, invented: invented.length },
    examples: [...lost.slice(0, SHOWN), ...outdated.slice(0, SHOWN), ...invented.slice(0, SHOWN), ...examples],
  };
}

/** Writes the figures of hours that were run, and REPORT.md of all that are there. */
export function writeReport(folder: string, summary: Summary): void {
  const fileOf = (mode: Mode): string => join(folder, `report.${mode}.json`);
  writeFileSync(fileOf(summary.mode), `${JSON.stringify(summary, null, 1)}\n`);
  const all = modes.map(fileOf).filter((path) => existsSync(path)).map((path) => JSON.parse(readFileSync(path, "utf8")) as Summary);
  writeFileSync(join(folder, "REPORT.md"), reportText(all));
}

export function reportText(summaries: readonly Summary[]): string {
  const head = [
    "# Hostile providers", "",
    "A collector polls a provider sandbox for simulated hours with a clock that is held, one account of every provider, every failure and every oddity of rows switched on, and is replaced by",
    "another in the middle. Every other service runs meanwhile. Then the auditor judges each reading by what the sandbox knows of its own rows: in hot, warm and cold, in the raw archive, in the",
    "buckets, among what was parked, on the live stream.", "",
  ];
  return `${[...head, ...summaries.flatMap(section)].join("\n")}\n`;
}

function section(summary: Summary): string[] {
  const { mode, command, hours, devices, everyS, tookS, rows, corrected, samples, requests, exceeded, quirks, failures, verdict, inLog } = summary;
  const findings = Object.entries({ ...verdict.findings, ...Object.fromEntries(Object.entries(inLog).map(([kind, count]) => [`${kind} in the log`, count])) }).filter(([, count]) => count > 0);
  const { outcomes, looked } = verdict;
  return [
    `## ${mode === "embedded" ? "On the embedded engine" : "On Kafka with its registry, Redis, MongoDB and Cassandra"}`, "",
    `\`${command}\`: ${hours} simulated hours, ${devices} of each provider's devices, a row of each key every ${everyS / 60} minutes; ${tookS} s.`, "",
    "| | |", "|---|---|",
    `| verdict | **${outcomes["lost"] ?? 0} lost, ${outcomes["doubled"] ?? 0} doubled, ${(verdict.findings["invented"] ?? 0) + inLog.invented} invented${findings.length === 0 ? ", nothing else found" : `; found: ${listed(Object.fromEntries(findings))}`}** |`,
    `| limits | ${exceeded} of ${requests} requests over a limit, by the sandbox's log |`,
    `| rows that had to be there | ${rows}, of them ${corrected} corrected after they were first given |`,
    `| samples that the log took | ${samples} |`,
    `| what became of each reading | ${listed(outcomes)} |`,
    `| what was looked at | ${listed(looked)} |`,
    `| requests by what was odd in them | ${listed(quirks)} |`,
    `| polls by outcome, of the last collector's day | ${listed(failures)} |`, "",
  ];
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(", ");
}
