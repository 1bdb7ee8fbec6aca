import { keepsLimit, type ComparisonResult, type ContenderResult, type Figure, type Table } from "./benchmark.ts";
import type { Spread } from "./statistics.ts";

/** What one benchmark gave. */
export interface BenchmarkReport {
  readonly name: string;
  readonly about: string;
  readonly machine: string;
  readonly seconds: number;
  readonly comparisons: readonly ComparisonResult[];
  readonly figures: readonly Figure[];
  readonly tables?: readonly Table[];
  readonly notes: readonly string[];
  /** Why it ended early. */
  readonly failure?: string;
}

/** Whether it ran to its end and every limit was kept. */
export function keepsLimits({ comparisons, figures, failure }: BenchmarkReport): boolean {
  return failure === undefined && comparisons.every(({ ok }) => ok) && figures.every(keepsLimit);
}

/** A report as one Markdown section. */
export function renderSection(report: BenchmarkReport): string {
  const { name, about, machine, seconds, comparisons, figures, tables = [], notes, failure } = report;
  const parts = [`## ${name}`, about, `${machine}${seconds > 0 ? `; ${seconds} s${comparisons.length > 0 ? " a comparison" : ""}` : ""}.`];
  if (comparisons.length > 0) parts.push(renderTable(comparisonHead, comparisons.flatMap(comparisonRows)));
  if (figures.length > 0) parts.push(renderTable(["figure", "value", "limit", ""], figures.map(figureRow)));
  for (const table of tables) parts.push(`### ${table.name}`, renderTable(table.head, table.rows));
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join("\n"));
  if (failure !== undefined) parts.push(`It did not run to its end: ${failure}`);
  return `${parts.join("\n\n")}\n`;
}

const comparisonHead = ["comparison", "", "rate (lowest–highest)", "ratio (lowest–highest)", "limit", "", "by CPU", "CPU µs: client, servers"];

function comparisonRows({ name, unit, contenders, leastRatio, ok }: ComparisonResult): string[][] {
  return contenders.map((contender, index) => {
    const judged = index === 0 && leastRatio !== undefined;
    return [
      index === 0 ? name : "", contender.name, `${spreadText(contender.rate, amount)} ${unit}/s`,
      index === 1 ? "1" : spreadText(contender.ratio, (value) => value.toFixed(2)),
      judged ? `≥ ${leastRatio}` : "", judged ? verdict(ok) : "", index === 1 ? "1" : contender.cpuRatio.toFixed(2), cpuText(contender),
    ];
  });
}

function cpuText({ cpuUs, serverCpuUs }: ContenderResult): string {
  return [amount(cpuUs), ...Object.entries(serverCpuUs).map(([server, us]) => `${server} ${amount(us)}`)].join(", ");
}

function figureRow(figure: Figure): string[] {
  const { name, value, unit } = figure;
  const limits = limitsText(figure);
  return [name, `${amount(value)} ${unit}`, limits === "" ? "" : `${limits} ${unit}`, limits === "" ? "" : verdict(keepsLimit(figure))];
}

/** Empty where nothing is asked. */
export function limitsText({ atMost, atLeast }: { readonly atMost?: number | undefined; readonly atLeast?: number | undefined }): string {
  return [...(atMost === undefined ? [] : [`< ${amount(atMost)}`]), ...(atLeast === undefined ? [] : [`≥ ${amount(atLeast)}`])].join(", ");
}

function verdict(ok: boolean): string {
  return ok ? "ok" : "MISSED";
}

function spreadText({ median, lowest, highest }: Spread, text: (value: number) => string): string {
  return `${text(median)} (${text(lowest)}–${text(highest)})`;
}

/** A number as people read it: three figures, groups of thousands. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const decimals = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A Markdown table whose columns line up. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => [...(row[column] ?? "")].length)));
  const line = (cells: readonly string[]): string => `| ${widths.map((width, column) => padded(cells[column] ?? "", width)).join(" | ")} |`;
  const [first = [], ...rest] = all;
  return [line(first), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rest.map(line)].join("\n");
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - [...text].length));
}
