import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Coverage } from "../coverage/measure.ts";
import type { SkippedTest, TestFailure } from "./results.ts";

const files: Record<string, string> = {
  "package.json": '{ "type": "module" }',
  "pump/pump.ts": `import type { Flow } from "./flow.ts";
/** Nine lines hold code, of which three do not run. */
export function state(flow: Flow): string {
  // A comment is no code.
  if (flow > 10) {
    return "high";
  }

  return "low";
}
export const unused = (): number => {
  return 1;
};
`,
  "pump/flow.ts": "export type Flow = number;\n",
  "pump/valve.ts": "export function open(): boolean {\n  return true;\n}\n",
  "pump/never.ts": "export const never = 1;\nexport const more = 2;\n",
  "pump/pump.unit.test.ts": `import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { state } from "./pump.ts";
test("a low flow", () => assert.equal(state(3), "low"));
test("no browser", { skip: "no Chromium here: apt-get install chromium" }, () => {});
describe("a suite", () => { test("inside it", () => {}); test("another", { todo: true }, () => {}); });
`,
  "pump/failing.unit.test.ts": `import assert from "node:assert/strict";
import { describe, test } from "node:test";
console.log("said before it failed");
describe("a suite of failures", () => { test("it fails", () => assert.equal(1, 2)); });
test("it throws later", async () => { throw new TypeError("no pump"); });
`,
  "pump/child.int.test.ts": `import { execFileSync } from "node:child_process";
import { test } from "node:test";
test("a child process is measured", () => execFileSync(process.execPath, ["-e", 'import("./pump/valve.ts").then((valve) => valve.open())']));
`,
  "pump/suite.ts": `import { test } from "node:test";
export function suite(): void { test("of a suite", () => {}); test("of a suite, failing", () => { throw new Error("suite"); }); }
`,
  "pump/suite.unit.test.ts": 'import { suite } from "./suite.ts";\nsuite();\n',
  "pump/waiting.unit.test.ts": '/*\n * It mostly waits, and runs beside others.\n */\nimport { test } from "node:test";\ntest("beside the others", () => {});\n',
  "pump/empty.unit.test.ts": "export {};\n",
  "pump/broken.unit.test.ts": "import './absent.ts';\n",
};

const unsteadyFiles: Record<string, string> = {
  "pump/unsteady.unit.test.ts": `import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
test("it is late at first", () => { const late = !existsSync("tried"); writeFileSync("tried", ""); assert.ok(!late, "too late"); });
test("it is always in time", () => {});
`,
  "pump/property.unit.test.ts": `import { existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
test("it finds a counterexample", () => {
  if (existsSync("found")) return;
  writeFileSync("found", "");
  throw new Error("Property failed after 1 tests { seed: 5 }");
});
`,
};

interface Outcome {
  passed: number;
  failures: TestFailure[];
  unsteady: TestFailure[];
  skipped: SkippedTest[];
  printed: string[];
  coverage: Coverage;
}

let root: string;
let outcome: Outcome;
let unsteadyOutcome: Outcome;

before(async () => {
  root = mkdtempSync(join(tmpdir(), "caudal-run-"));
  outcome = await outcomeOf(files);
  unsteadyOutcome = await outcomeOf(unsteadyFiles);
});

/** Runs a tree in a process of its own: Node runs no tests inside a test. */
async function outcomeOf(tree: Record<string, string>): Promise<Outcome> {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const from = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
  const code = `import { runTests } from ${from("run-tests.ts")};
    import { measureCoverage } from ${from("../coverage/measure.ts")};
    const root = process.argv[2];
    const printed = [];
    const files = process.argv.slice(3);
    const coverageFolder = root + "/coverage";
    const { passed, failures, unsteady, skipped } = await runTests({ root, files, coverageFolder, print: (line) => printed.push(line) });
    console.log(JSON.stringify({ passed, failures, unsteady, skipped, printed, coverage: measureCoverage(root, coverageFolder) }));`;
  const { NODE_TEST_CONTEXT: _context, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  writeFileSync(join(root, "run.mjs"), code);
  const args = ["--disable-warning=ExperimentalWarning", join(root, "run.mjs"), root, ...Object.keys(tree).filter((path) => path.endsWith(".test.ts"))];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, output) => (error ? reject(error) : resolve(output)));
  });
  return JSON.parse(stdout) as Outcome;
}

after(() => rmSync(root, { recursive: true, force: true }));

test("tests are counted, suites are not", () => {
  assert.equal(outcome.passed, 5);
  assert.ok(outcome.printed.some((line) => line.endsWith("pump/waiting.unit.test.ts  1 passed")));
  assert.ok(outcome.printed.some((line) => line.endsWith("pump/pump.unit.test.ts  2 passed, 2 skipped")));
});

test("what did not run is listed with its reason", () => {
  assert.deepEqual(outcome.skipped.map(({ name, reason }) => [name, reason]), [
    ["no browser", "no Chromium here: apt-get install chromium"],
    ["another", "no reason given"],
  ]);
});

test("a failure names its place, its error and what its process wrote; a file without a test or that does not load fails", () => {
  const failures = new Map(outcome.failures.map((failure) => [failure.name, failure]));
  assert.equal(outcome.failures.length, 5, JSON.stringify(outcome.failures));
  const failed = failures.get("it fails") ?? assert.fail("not there");
  assert.equal(failed.file, "pump/failing.unit.test.ts");
  assert.equal(failed.place, "pump/failing.unit.test.ts:4");
  assert.match(failed.message, /1 !== 2/);
  assert.match(failed.output, /said before it failed/);
  assert.match(failures.get("it throws later")?.message ?? "", /TypeError: no pump/);
  const suite = failures.get("of a suite, failing");
  assert.deepEqual([suite?.file, suite?.place], ["pump/suite.unit.test.ts", "pump/suite.ts:2"]);
  assert.equal(failures.get("the file")?.file, "pump/empty.unit.test.ts");
  assert.ok(outcome.failures.some(({ file, output }) => file === "pump/broken.unit.test.ts" && output.includes("absent.ts")));
});

test("a file that failed is tried once more, alone, and told as unsteady; not what found a counterexample, nor when many failed", () => {
  assert.deepEqual(unsteadyOutcome.unsteady.map(({ name }) => name), ["it is late at first"]);
  assert.match(unsteadyOutcome.unsteady[0]?.message ?? "", /too late/);
  assert.deepEqual(unsteadyOutcome.failures.map(({ name }) => name), ["it finds a counterexample"]);
  assert.equal(unsteadyOutcome.passed, 2);
  assert.ok(unsteadyOutcome.printed.includes("a second try, alone: pump/unsteady.unit.test.ts"));
  assert.ok(!outcome.printed.some((line) => line.startsWith("a second try")));
});

test("coverage counts lines of code of every file, those that children ran and those that nothing loaded", () => {
  const byPath = new Map(outcome.coverage.files.map((file) => [file.path, file]));
  assert.deepEqual(byPath.get("pump/pump.ts"), { path: "pump/pump.ts", lines: 9, missed: [6, 7, 12] });
  assert.deepEqual(byPath.get("pump/valve.ts"), { path: "pump/valve.ts", lines: 3, missed: [] });
  assert.deepEqual(byPath.get("pump/never.ts"), { path: "pump/never.ts", lines: 2, missed: [1, 2] });
  assert.equal(byPath.get("pump/flow.ts")?.lines, 0);
  assert.equal(outcome.coverage.lines, 16);
  assert.equal(outcome.coverage.covered, 11);
});
