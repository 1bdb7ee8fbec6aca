import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogueOf, readCatalogue, writeCatalogue } from "./catalogue.ts";
import { embeddedInstallation } from "./embedded-installation.ts";
import { fleetInstallation, startServers } from "./fleet-installation.ts";
import { isGood, killRun, type RunResult } from "./kill-run.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { seedOf } from "./plan.ts";
import { writeReport } from "./report.ts";
import { runSeries } from "./series.ts";
import { summarize, whatOf } from "./summary.ts";

/*
 * Ends real processes with kill -9, at points and moments that follow from seeds, and has the auditor judge what is left.
 * Exit codes: 0 nothing found, 1 found something, 2 the line was wrong.
 */

const LEARNING_RUNS = 3;

async function learn({ mode }: Options, open: (folder: string) => ReturnType<typeof embeddedInstallation>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "caudal-learn-"));
  let first: ReadonlyMap<string, number> = new Map();
  const installation = await open(folder);
  try {
    for (let run = 0; run < LEARNING_RUNS; run++) {
      const result = await killRun({ seed: `learn-${run}`, installation, catalogue: {}, spare: true });
      // A fleet goes on between runs and tells of its points at the end alone.
      if (run === 0) first = new Map(installation.reached());
      if (!isGood(result)) process.stderr.write(`${whatOf(result).join("\n")}\n`);
    }
  } finally {
    await installation.close();
  }
  const catalogue = catalogueOf(first, installation.reached(), first.size === 0 ? LEARNING_RUNS : LEARNING_RUNS - 1);
  writeCatalogue(mode, catalogue);
  process.stdout.write(`${Object.keys(catalogue).length} points\n`);
  rmSync(folder, { recursive: true, force: true });
}

/** Says how each run went, and how long the others will take. */
function teller({ json, mode, only }: Options, total: number): (result: RunResult, folder: string | undefined) => void {
  const startedMs = performance.now();
  let done = 0;
  return (result, folder) => {
    done += 1;
    const { seed, kills, tookMs } = result;
    if (json) return void process.stdout.write(`${JSON.stringify({ seed, good: isGood(result), kills, tookMs: Math.round(tookMs), what: whatOf(result), folder: folder ?? null })}\n`);
    const etaS = Math.round(((performance.now() - startedMs) / done) * (total - done) / 1000);
    const ends = kills.map(({ at, service, readyMs }) => `${at === "moment" ? `moment of ${service}` : at} (ready in ${(readyMs / 1000).toFixed(1)} s)`).join(", then ");
    process.stdout.write(`${done}/${total}  ${isGood(result) ? "ok " : "FOUND"}  ${seed}  ${(tookMs / 1000).toFixed(1)} s  ${ends}${total > 1 ? `  ETA ${etaS} s` : ""}\n`);
    if (folder === undefined) return;
    const again = `node regression/integrity/kill-runs/main.ts --only ${seed}${mode === "engines" ? " --engines" : ""}`;
    process.stdout.write(`${whatOf(result).map((line) => `    ${line}`).join("\n")}\n    again: ${again}\n    kept:  ${folder}\n`);
    if (only === undefined) process.stdout.write("\n");
  };
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return 2;
  }
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  const servers = options.mode === "engines" ? await startServers() : undefined;
  const open = servers === undefined ? embeddedInstallation : (folder: string) => fleetInstallation(servers.urls, folder);
  try {
    if (options.learn) return await learn(options, open).then(() => 0);
    const catalogue = readCatalogue(options.mode);
    const seeds = options.only === undefined ? Array.from({ length: options.runs }, (_, index) => seedOf(options.series, index)) : [options.only];
    const startedMs = performance.now();
    const { results, reached } = await runSeries({ seeds, catalogue, lanes: options.lanes, perFolder: options.perFolder, open, onRun: teller(options, seeds.length), signal: stopping.signal });
    const summary = summarize({ mode: options.mode, series: options.series, results, catalogue, reached, tookMs: performance.now() - startedMs });
    if (options.report !== undefined) writeReport(options.report, summary);
    process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `${summary.good} of ${summary.runs} runs good, ${summary.kills} kills, ${summary.acknowledged} of ${summary.sent} messages acknowledged\n`);
    return summary.good === summary.runs ? 0 : 1;
  } finally {
    await servers?.stop();
  }
}

process.exitCode = await main();
