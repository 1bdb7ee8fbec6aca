import { findingKinds, type FindingKind } from "./finding-kinds.ts";
import type { AuditVerdict, Finding } from "./verdict.ts";

const SHOWN_OF_EACH = 3;
const LONGEST = 160;

/** The verdict for people: what became of the readings, then each kind of finding with some examples. */
export function reportText(verdict: AuditVerdict): string {
  const { ok, seed, messages, acknowledged, readings, outcomes, findings, examples, notes, looked, notGiven, tookMs } = verdict;
  const lines = [
    `${ok ? "OK: nothing lost, nothing doubled" : "FAULTS FOUND"} (fleet ${seed}, ${messages} messages, ${acknowledged} acknowledged, ${readings} readings, ${(tookMs / 1000).toFixed(1)} s)`,
    "",
    ...table("readings", outcomes), ...table("looked at", looked), ...table("notes", notes),
    ...(notGiven.length === 0 ? [] : [`not given: ${notGiven.join(", ")}`, ""]),
  ];
  for (const [kind, count] of Object.entries(findings)) {
    lines.push(`${kind}: ${count} (${findingKinds[kind as FindingKind]})`);
    for (const example of examples.filter((one) => one.kind === kind).slice(0, SHOWN_OF_EACH)) lines.push(`  ${exampleLine(example)}`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function table(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([, count]) => String(count).length));
  return [`${title}:`, ...rows.map(([name, count]) => `  ${String(count).padStart(width)}  ${name}`), ""];
}

function exampleLine({ where, device, detail, seq, key, point, variable, instantUs, expected, found }: Finding): string {
  const named = [device === "" ? undefined : device, key ?? variable, instantUs === undefined ? undefined : timeText(instantUs), seq === undefined ? undefined : `message ${seq}`, device === "" ? point : undefined];
  const values = [expected === undefined ? "" : `; expected ${cut(expected)}`, found === undefined ? "" : `; found ${cut(found)}`].join("");
  return `${where}: ${named.filter((one) => one !== undefined).join(" ")}: ${detail}${values}`;
}

function timeText(instantUs: number): string {
  const date = new Date(Math.floor(instantUs / 1000));
  return Number.isNaN(date.getTime()) ? String(instantUs) : date.toISOString().replace("Z", `${String(((instantUs % 1000) + 1000) % 1000).padStart(3, "0")}Z`);
}

function cut(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
