import { againstBaseline, type Against } from "./against-baseline.ts";
import { baselineOf, type Baseline } from "./baseline.ts";
import { amount, renderTable, type BenchmarkReport } from "./report.ts";

const head = ["against the baseline", "was", "is", "change", "may be worse by", ""];

export interface HeldAgainst {
  readonly text: string;
  readonly worse: number;
}

/** A run beside its baseline as a table, and how much of it is worse. */
export function holdAgainst(report: BenchmarkReport, baseline: Baseline): HeldAgainst {
  const now = baselineOf(report);
  const rows = againstBaseline(now, baseline);
  const worse = rows.filter(({ verdict }) => verdict === "worse").length;
  const lines = [`The baseline of ${baseline.benchmark} is of ${baseline.date}, ${baseline.machine}.`];
  if (now.machine !== baseline.machine) lines.push("This machine is another: ratios, bytes and counts are judged; CPU times and other figures in its units are told.");
  if (now.seconds !== baseline.seconds) lines.push(`It was measured over ${baseline.seconds} s, this run over ${now.seconds} s.`);
  return { text: `${lines.join(" ")}\n\n${renderTable(head, rows.map(cells))}\n`, worse };
}

function cells({ what, unit, was, is, tolerance, verdict }: Against): string[] {
  const text = (value: number | null): string => (value === null ? "–" : `${amount(value)} ${unit}`.trim());
  return [what, text(was), text(is), changeOf(was, is), tolerance === undefined ? "" : `${Math.round(100 * tolerance)} %`, verdict === "worse" ? "WORSE" : verdict];
}

function changeOf(was: number | null, is: number | null): string {
  if (was === null || is === null || was === 0) return "";
  const percent = Math.round(100 * (is / was - 1));
  return `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent)} %`;
}
