import type { AuditVerdict } from "../integrity/auditor/verdict.ts";
import type { Observed } from "./watch.ts";

/** What came of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly what: string;
  /** Empty when all is as it should be. */
  readonly findings: readonly string[];
  readonly notes: readonly string[];
  readonly observed: Observed;
  /** From the mend to the moment when no group was behind any more; undefined when that never came. */
  readonly recoveredMs: number | undefined;
  readonly lastedMs: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly sentAgain: number;
  readonly verdict: AuditVerdict | undefined;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function highest(values: Readonly<Record<string, number>>): string {
  const [name, value] = Object.entries(values).sort(([, a], [, b]) => b - a)[0] ?? [];
  return name === undefined ? "–" : `${value} (${name})`;
}

function found(verdict: AuditVerdict | undefined, kind: string): string {
  return verdict === undefined ? "?" : String((verdict.findings as Readonly<Record<string, number>>)[kind] ?? 0);
}

export interface ReportOptions {
  readonly title: string;
  /** The command that made it. */
  readonly command: string;
  /** When and on what, as one line. */
  readonly machine: string;
}

/** The table of all scenarios, for docs. */
export function markdownReport(results: readonly ScenarioResult[], { title, command, machine }: ReportOptions): string {
  const failed = results.filter(({ findings }) => findings.length > 0);
  const rows = results.map(({ name, what, findings, notes, observed, recoveredMs, sent, acknowledged, sentAgain, verdict }) => [
    `**${name}**: ${what}`, findings.length === 0 ? (notes.length === 0 ? "passed" : notes.join("; ")) : `**failed**: ${findings.join("; ")}`,
    `${acknowledged} of ${sent}`, String(sentAgain), found(verdict, "lost"), found(verdict, "doubled"), recoveredMs === undefined ? "never" : `${(recoveredMs / 1000).toFixed(1)} s`,
    percent(observed.intakeReady), percent(observed.answersReady), highest(observed.mostBehind), highest(observed.mostMb),
  ]);
  const head = ["trouble", "verdict", "acknowledged", "sent again", "lost", "doubled", "recovered after", "intake ready", "answers ready", "most behind", "most memory, MB"];
  return [
    `# ${title}`, "", `Made by \`${command}\`; ${machine}. ${results.length} scenarios, ${failed.length} failed.`, "",
    `| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`), "",
  ].join("\n");
}
