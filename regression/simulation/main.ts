import { fork, type ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { without } from "./run/reductions.ts";
import { reportOf } from "./run/report.ts";
import { addSummary, emptySummary, type Summary } from "./run/summary.ts";
import { takeOver } from "./time/take-over.ts";

const WORKERS = 2;
/** Fewer runs are a try, and not worth the figures of the repository. */
const REPORTED_RUNS = 1000;
const usage = "node regression/simulation/main.ts [--runs 10000] [--seed SEED] [--json] [--report FILE] | --only SEED [--without TROUBLE,…] [--shrink] [--trace] [--json]\n";

/** 0: nothing found. 1: a run failed. 2: usage. */
async function main(): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        runs: { type: "string", default: "10000" }, seed: { type: "string", default: "caudal" }, only: { type: "string" }, without: { type: "string" },
        shrink: { type: "boolean", default: false }, trace: { type: "boolean", default: false }, json: { type: "boolean", default: false }, report: { type: "string" },
      },
    }));
    without(values.without?.split(",") ?? []);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const runs = Number(values.runs);
  if (!Number.isSafeInteger(runs) || runs < 1) {
    process.stderr.write(`--runs is a whole number from 1\n${usage}`);
    return 2;
  }
  return values.only === undefined ? many(runs, { ...values, report: values.report ?? (runs >= REPORTED_RUNS ? join(import.meta.dirname, "REPORT.md") : undefined) }) : one(values.only, values);
}

interface ManyOptions {
  readonly seed: string;
  readonly json: boolean;
  readonly report: string | undefined;
}

async function many(runs: number, { seed, json, report }: ManyOptions): Promise<number> {
  const began = performance.now();
  const total = emptySummary();
  const ended = await Promise.all(Array.from({ length: Math.min(WORKERS, runs) }, (_, first) => share({ seed, first, step: Math.min(WORKERS, runs), runs }, (summary) => {
    addSummary(total, summary);
    for (const { seed: failed, failures } of summary.failed) {
      process.stderr.write(`\nfailed: ${failed}: ${failures[0]?.split("\n")[0]?.slice(0, 300) ?? ""}\n  node regression/simulation/main.ts --only ${failed}\n`);
    }
    showProgress(total.runs, runs, (performance.now() - began) / 1000);
  })));
  if (process.stderr.isTTY) process.stderr.write("\n");
  const tookS = (performance.now() - began) / 1000;
  if (report !== undefined) await writeFile(report, reportOf(total, { command: `node regression/simulation/main.ts --runs ${runs} --seed ${seed}`, seed, tookS }));
  const { reached: _reached, ...shown } = total;
  process.stdout.write(json ? `${JSON.stringify({ ...shown, tookS })}\n` : `${runs} simulated runs: ${total.failed.length} failed, ${total.findings["lost"] ?? 0} lost, ${total.findings["doubled"] ?? 0} doubled; ${total.readings} readings, ${total.kills} ends without warning; ${(runs / tookS).toFixed(1)} runs/s, ${(total.cpuMs / total.runs).toFixed(0)} ms of CPU a run\n`);
  if (total.runs !== runs || ended.some((code) => code !== 0)) throw new Error(`only ${total.runs} of ${runs} runs were made`);
  return total.failed.length === 0 ? 0 : 1;
}

function share(asked: object, onSummary: (summary: Summary) => void): Promise<number | null> {
  const child: ChildProcess = fork(join(import.meta.dirname, "run/worker.ts"), { execArgv: ["--max-semi-space-size=32"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.send(asked);
  child.on("message", (summary) => onSummary(summary as Summary));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}

function showProgress(done: number, runs: number, tookS: number): void {
  if (!process.stderr.isTTY) return;
  const rate = done / tookS;
  process.stderr.write(`\r${done}/${runs} runs, ${rate.toFixed(1)}/s, ${Math.ceil((runs - done) / rate)} s left   `);
}

async function one(seed: string, options: { readonly without?: string | undefined; readonly shrink: boolean; readonly trace: boolean; readonly json: boolean }): Promise<number> {
  takeOver();
  const { runOne } = await import("./run/run-one.ts");
  const { openCodec } = await import("./run/services.ts");
  const { planOf } = await import("./run/plan.ts");
  const { shrink } = await import("./run/reductions.ts");
  const codec = await openCodec();
  let names: readonly string[] = options.without?.split(",") ?? [];
  if (options.shrink) names = await shrink(async (tried) => (await runOne({ seed, codec, change: without(tried) })).failures.length > 0);
  const { trace, reached, ...result } = await runOne({ seed, codec, keepTrace: options.trace, change: without(names) });
  if (options.trace) process.stdout.write(`${trace.join("\n")}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...result, without: names, reached: Object.fromEntries(reached) })}\n`);
  else {
    process.stdout.write(`plan: ${JSON.stringify(without(names)(planOf(seed)))}\n${result.messages} messages, ${result.readings} readings, ${result.kills} ends, ${result.turns} turns, ${(result.virtualMs / 1000).toFixed(1)} s of virtual time, trace ${result.traceHash}\n`);
    for (const failure of result.failures) process.stdout.write(`failed: ${failure}\n`);
    if (options.shrink) process.stdout.write(`fails still: node regression/simulation/main.ts --only ${seed} --without ${names.join(",")}\n`);
  }
  return result.failures.length === 0 ? 0 : 1;
}

process.exitCode = await main();
