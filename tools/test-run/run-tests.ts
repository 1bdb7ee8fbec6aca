import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { Results } from "./results.ts";
import type { TestFailure } from "./results.ts";

/** Two files at a time: many start servers, and the smallest machine that has to run them has two cores. */
const filesAtOnce = Math.min(2, cpus().length);
/** What a file says of itself that mostly waits, and so may run beside the others. */
const waits = /^ \* It mostly waits, and runs beside others\.$/m;
/** A little longer than what `deadline.ts` allows each process, which tells more. */
const fileTimeoutMs = 310_000;
const testTimeoutMs = 120_000;

/**
 * Runs test files, each in a process of its own, and prints a line a file as it ends; those that mostly wait go one by one beside
 * the others. A file that failed is tried once more, alone: on a busy machine a test may miss its deadline. What passes then is told as
 * unsteady, never left out. `coverageFolder` receives what every process, also those that tests start, ran of our code.
 */
export async function runTests(options: { root: string; files: readonly string[]; coverageFolder: string; print(line: string): void }): Promise<Results> {
  const { root, files, coverageFolder, print } = options;
  const results = new Results(root);
  process.env["NODE_V8_COVERAGE"] = coverageFolder;
  // A third of a run is the start of processes. Code from a cache takes 0.02 points off the coverage, never adds any.
  process.env["NODE_COMPILE_CACHE"] ??= join(root, ".node", "compile-cache");
  const paths = files.map((file) => resolve(root, file));
  const beside = paths.filter((path) => waits.test(readFileSync(path, "utf8")));
  const runOf = async (chosen: readonly string[], concurrency: number, into = results): Promise<void> => {
    if (chosen.length === 0) return;
    const stream = run({
      files: chosen, cwd: root, concurrency, timeout: fileTimeoutMs,
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning", `--test-timeout=${testTimeoutMs}`, "--import", new URL("deadline.ts", import.meta.url).href],
    });
    for await (const { type, data } of stream) {
      if (type === "test:start") into.begin(data);
      if (type === "test:pass" || type === "test:fail") into.add(type === "test:pass", data);
      if (type === "test:stdout" || type === "test:stderr") into.keepOutput(data.file, data.message);
      if (type === "test:summary" && data.file) print(into.fileLine(data.file, data.duration_ms));
    }
  };
  try {
    await Promise.all([runOf(paths.filter((path) => !beside.includes(path)), filesAtOnce), runOf(beside, 1)]);
    for (const file of results.triedAgain()) {
      print(`a second try, alone: ${file}`);
      const second = new Results(root);
      await runOf([resolve(root, file)], 1, second);
      results.settle(file, second);
    }
  } finally {
    delete process.env["NODE_V8_COVERAGE"];
  }
  return results;
}

/** One failed test as it is printed: where it stands, what it said, and what its process wrote. */
export function failureText({ file, place, name, message, output }: TestFailure): string {
  const written = output === "" ? "" : `\n    its process wrote:\n${indent(output, 6)}`;
  const run = place.startsWith(file) ? "" : `, run by ${file}`;
  return `  ${place}${run}\n    ${name}\n${indent(message, 6)}${written}`;
}

function indent(text: string, columns: number): string {
  return text.trimEnd().split("\n").map((line) => " ".repeat(columns) + line).join("\n");
}
