import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mode } from "./catalogue.ts";
import type { Spread, Summary } from "./summary.ts";

const modes: readonly Mode[] = ["embedded", "engines"];
const fileOf = (folder: string, mode: Mode): string => join(folder, `report.${mode}.json`);

/** Writes the figures of a series, and REPORT.md of those that are there. */
export function writeReport(folder: string, summary: Summary): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder, summary.mode), `${JSON.stringify(summary, null, 1)}\n`);
  const all = modes.map((mode) => fileOf(folder, mode)).filter((path) => existsSync(path)).map((path) => JSON.parse(readFileSync(path, "utf8")) as Summary);
  writeFileSync(join(folder, "REPORT.md"), reportText(all));
}

export function reportText(summaries: readonly Summary[]): string {
  const head = [
    "# Runs with kill -9", "",
    "Each run feeds a small simulated fleet by MQTT, HTTP and drop folder into real processes, ends one of them with SIGKILL at a named point or at a moment",
    "that follows from the run's seed (sometimes once more while it recovers), starts it again, lets all groups have everything, and has the auditor judge",
    "every reading against the simulator's truth. `node regression/integrity/kill-runs/main.ts --only SEED` does one run again.", "",
  ];
  return `${[...head, ...summaries.flatMap(section)].join("\n")}\n`;
}

function section(summary: Summary): string[] {
  const { mode, series, runs, good, missed, kills, readySeconds, drainedSeconds, sent, sentAgain, acknowledged, refused, unknown, outcomes, findings, killsByPoint, neverReached, neverKilledAt, pointsReached, tookSeconds } = summary;
  const command = `node regression/integrity/kill-runs/main.ts${mode === "engines" ? " --engines" : ""} --runs ${runs} --seed ${series}`;
  const verdict = findings.length === 0 ? `${outcomes["lost"] ?? 0} lost, ${outcomes["doubled"] ?? 0} doubled, nothing else found` : `${findings.length} runs found something`;
  return [
    `## ${mode === "embedded" ? "One process on the embedded engine" : "A process a service on Kafka, Redis, MongoDB and Cassandra"}`, "",
    `\`${command}\`, ${tookSeconds} s.`, "",
    "| | |", "|---|---|",
    `| verdict | **${verdict}** |`,
    `| runs | ${runs}, of which good ${good}; in ${missed} the point was not reached and a moment took its place |`,
    `| kills | ${kills}, at ${Object.keys(killsByPoint).filter((point) => point !== "moment").length} points and ${killsByPoint["moment"] ?? 0} moments |`,
    `| points reached | ${pointsReached} |`,
    `| messages | ${sent} sent, ${acknowledged} acknowledged, ${refused} refused as they should be, ${unknown} never settled; ${sentAgain} attempts were repetitions |`,
    `| readings | ${Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ")} |`,
    `| seconds from a kill until ready again | ${spreadText(readySeconds)} |`,
    `| seconds from the last kill until all was sent and handled | ${spreadText(drainedSeconds)} |`, "",
    ...(findings.length === 0 ? [] : ["Found:", "", ...findings.flatMap(({ seed, what }) => [`- \`${seed}\`: ${what.join("; ").slice(0, 1000)}`]), ""]),
    `Points never reached in these runs: ${listed(neverReached)}.`, "",
    `Points reached but not chosen for a kill: ${listed(neverKilledAt.filter((point) => !neverReached.includes(point)))}.`, "",
    "| point | kills |", "|---|---|",
    ...Object.entries(killsByPoint).map(([point, count]) => `| ${point} | ${count} |`), "",
  ];
}

function spreadText({ p50, p95, max }: Spread): string {
  return `p50 ${p50}, p95 ${p95}, max ${max}`;
}

function listed(points: readonly string[]): string {
  return points.length === 0 ? "none" : points.map((point) => `\`${point}\``).join(", ");
}
