import { writeFile } from "node:fs/promises";
import { machineLine } from "../../bench/harness/machine.ts";
import { readOptions, usage } from "./options.ts";
import { markdownReport } from "./report.ts";
import { scenarios } from "./scenarios/scenarios.ts";
import { torture } from "./torture.ts";

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const asked = process.argv.slice(2);

async function main(): Promise<boolean> {
  const options = readOptions(asked);
  if (options.list) {
    for (const { name, what } of scenarios) print(`${name.padEnd(24)} ${what}`);
    return true;
  }
  const unknown = options.names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(", ")}; --list shows them`);
  const chosen = options.names.length === 0 ? scenarios : [...new Set(options.names)].map((name) => scenarios.find((scenario) => scenario.name === name)!);
  const beganMs = performance.now();
  let done = 0;
  const results = await torture({
    ...options, scenarios: chosen,
    onStep: (text) => print(`[${done}/${chosen.length}${done === 0 ? "" : `, about ${Math.ceil(((performance.now() - beganMs) / done) * (chosen.length - done) / 60_000)} min left`}] ${text}`),
    onResult: ({ name, findings, notes, recoveredMs, acknowledged, sent }) => {
      done += 1;
      print(`  ${findings.length === 0 ? "ok    " : "FAILED"} ${name}: ${acknowledged} of ${sent} acknowledged, recovered after ${recoveredMs === undefined ? "never" : `${Math.round(recoveredMs)} ms`}${[...notes, ...findings].map((text) => `\n         ${text}`).join("")}`);
    },
  });
  if (options.report !== undefined) {
    await writeFile(options.report, markdownReport(results, { title: "Faults on the real engines", command: `npm run torture${asked.length === 0 ? "" : ` -- ${asked.join(" ")}`}`, machine: machineLine() }));
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  const failed = results.filter(({ findings }) => findings.length > 0).length;
  print(`${results.length - failed} of ${results.length} scenarios passed`);
  return failed === 0;
}

// What was started is ended, and disks are taken away, by whoever hears that this process ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
}
