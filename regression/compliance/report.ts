import { violations } from "./judge-input.ts";
import type { JudgedYear } from "./run-year.ts";

export const storeNames = ["simulated", "embedded", "mongo"] as const;
export type StoreName = (typeof storeNames)[number];

const told: Readonly<Record<StoreName, { readonly title: string; readonly how: string }>> = {
  simulated: { title: "Simulated documents", how: "On virtual time over simulated documents with indexes, which lose answers, refuse and are slow; measurements are computed." },
  embedded: { title: "The embedded engine", how: "Documents and the warm tier are real SQLite files. Virtual time stands still while a call of theirs is under way; which of several answers comes first is not the seed's to say. One process holds the files, so that two services at once are two of it; with the last of them they are closed and opened anew." },
  mongo: { title: "MongoDB", how: "Documents and the warm tier are a real MongoDB's, and each process has a connection of its own, which ends with it. Virtual time stands still while a call is under way; which of several answers comes first is not the seed's to say." },
};

export interface ReportHead {
  readonly store: StoreName;
  readonly drainDays: number;
  readonly command: string;
  readonly seed: string;
  readonly works: number;
  readonly days: number;
  readonly tookS: number;
}

/** True when nothing was found and every flipped byte was named. */
export function isGood({ verdict, flipped, run }: JudgedYear): boolean {
  return verdict.findings.length === 0 && run.faults.length === 0 && flipped.chains > 0 && flipped.named === flipped.chains;
}

/** The report with the section of these stores put in, or in the place of an older one; the others stay. */
export function withSection(report: string, store: StoreName, section: string): string {
  const sections = new Map(storeNames.map((name) => [name, new RegExp(`${startOf(name)}\n[^]*?${endOf(name)}\n`).exec(report)?.[0] ?? ""]));
  sections.set(store, `${startOf(store)}\n${section}${endOf(store)}\n`);
  return [
    "# Submissions over many days: figures", "",
    "Slots, ledger, roots, freezing and submission are the real ones; the regulator is the sandbox's model without its sockets. The judge reads the chains, the rows, the roots and the regulator's own books, and walks chains and roots",
    "with the verifier's code. At most five works are hourly, so that a year fits into minutes; the others are of all other standards.", "",
    ...storeNames.flatMap((name) => sections.get(name) || []),
  ].join("\n");
}

function startOf(store: StoreName): string {
  return `<!-- ${store} -->`;
}

function endOf(store: StoreName): string {
  return `<!-- end of ${store} -->`;
}

/** The figures of a year, as a section in Markdown. */
export function reportOf(year: JudgedYear, { store, command, seed, works, days, drainDays, tookS }: ReportHead): string {
  const { run, verdict, flipped, digest, turns } = year;
  const count = (value: number): string => Math.round(value).toLocaleString("en");
  const ends = [...run.endedAt.values()].reduce((sum, some) => sum + some, 0);
  return [
    `## ${told[store].title}`, "", `Written by \`${command}\`. ${told[store].how}`, "",
    "| | |", "|---|---|",
    `| verdict | ${isGood(year) ? "nothing found" : "**findings**"} |`,
    `| works, days | ${works}, ${days} (and ${drainDays} days for what was left over) |`,
    `| seed | ${seed}; heads of all chains ${digest} |`,
    ...violations.map((violation) => `| ${violation} | ${verdict.findings.filter((finding) => finding.violation === violation).length} |`),
    `| chains with one flipped byte, found and named | ${flipped.named} of ${flipped.chains} |`,
    ...Object.entries(verdict.figures).map(([figure, value]) => `| ${figure} | ${count(value)} |`),
    ...Object.entries(verdict.standings).sort(([, a], [, b]) => b - a).map(([standing, value]) => `| … ${standing} | ${count(value)} |`),
    `| windows of trouble (hostile regulator, moody store), of which with two processes at once | ${run.windows}, ${run.windowsOfTwo} |`,
    `| processes started | ${run.started} |`,
    `| times that the clock was set | ${run.clockSteps.length} |`,
    `| ends at a named step | ${ends}, at ${run.endedAt.size} of ${run.steps.size} steps |`,
    `| stopped for 5 to 70 s, of which at a named step | ${run.heldSpans.length}, ${run.heldAtStep} |`,
    `| held for a person: confirmed, annulled | ${run.confirmed}, ${run.annulled} |`,
    `| turns of virtual time | ${count(turns)} |`,
    `| took | ${count(tookS)} s of the wall clock |`, "",
    ...(verdict.findings.length + run.faults.length === 0 ? [] : ["### Findings", "", ...verdict.findings.slice(0, 100).map(({ violation, detail }) => `- ${violation}: ${detail}`), ...run.faults.slice(0, 20).map((fault) => `- fault: ${fault}`), ""]),
    "### Named steps", "", "| step | ended there |", "|---|---|", ...[...run.steps].sort().map((step) => `| ${step} | ${run.endedAt.get(step) ?? 0} |`), "",
  ].join("\n");
}
