import { relative } from "node:path";
import { inspect } from "node:util";
import type { EventData } from "node:test";
import { PortReport } from "./port-report.ts";

const keptOutputChars = 8_000;
/** More files than this do not fail by chance. */
const mostTriedAgain = 3;
/** What a property or a simulation says of the seed that made it fail. */
const counterexample = /\bseed\b/i;

/** A test that failed. */
export interface TestFailure {
  /** The file that was run. */
  readonly file: string;
  /** Where the test is written, with its line: another file than `file` for a suite that several files run. */
  readonly place: string;
  readonly name: string;
  readonly message: string;
  readonly output: string;
}

/** A test that did not run, and why. */
export interface SkippedTest {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}

type Ended = EventData.TestPass | EventData.TestFail;

/** What a run of test files has come to so far. */
export class Results {
  readonly failures: TestFailure[] = [];
  /** Tests that failed beside others and passed when their file ran alone. */
  readonly unsteady: TestFailure[] = [];
  readonly skipped: SkippedTest[] = [];
  readonly slow: { file: string; name: string; durationMs: number }[] = [];
  readonly ports = new PortReport();
  passed = 0;
  readonly #root: string;
  readonly #output = new Map<string, string>();
  readonly #paths = new Map<string, string[]>();
  readonly #counts = new Map<string, { passed: number; failed: number; skipped: number }>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Notes what a test that begins stands in: a file's tests begin and end in the order in which they are written. */
  begin(data: EventData.TestStart & { entryFile?: string }): void {
    const file = entryFile(data) ?? data.name;
    const path = (this.#paths.get(file) ?? []).slice(0, data.nesting);
    this.#paths.set(file, [...path, data.name]);
  }

  /** Counts one test that ended; suites only group tests and are not counted themselves. */
  add(passed: boolean, data: Ended): void {
    const file = this.#name(entryFile(data) ?? data.name);
    const counts = this.#counts.get(file) ?? { passed: 0, failed: 0, skipped: 0 };
    this.#counts.set(file, counts);
    const reason = reasonOf(data);
    const suite = data.details.type === "suite";
    if (!passed && !reason) {
      // What fails only because a test inside it did is counted there.
      if (isSubtestFailure(data)) return;
      counts.failed += 1;
      this.ports.count(this.#path(data), "failed");
      this.failures.push(this.#failure(file, data));
    } else if (suite) {
      if (reason) this.#skip(file, data, reason, counts);
    } else if (reason) {
      this.#skip(file, data, reason, counts);
    } else if (isWholeFile(data)) {
      counts.failed += 1;
      this.failures.push({ file, place: file, name: "the file", message: "it holds no test", output: "" });
    } else {
      counts.passed += 1;
      this.passed += 1;
      this.ports.count(this.#path(data), "passed");
      this.slow.push({ file, name: data.name, durationMs: data.details.duration_ms });
    }
  }

  keepOutput(file: string | undefined, message: string): void {
    const name = this.#name(file ?? "");
    this.#output.set(name, ((this.#output.get(name) ?? "") + message).slice(-keptOutputChars));
  }

  /** The line that tells how a file ended. */
  fileLine(file: string, durationMs: number): string {
    const name = this.#name(file);
    const counts = this.#counts.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    const failed = counts.failed > 0 ? `, ${counts.failed} FAILED` : "";
    return `  ${(durationMs / 1000).toFixed(1).padStart(6)} s  ${name}  ${counts.passed} passed${skipped}${failed}`;
  }

  /** The files that deserve a second try, alone: few, and none that found a counterexample, which another seed would only miss. */
  triedAgain(): string[] {
    const files = [...new Set(this.failures.map(({ file }) => file))];
    if (files.length > mostTriedAgain) return [];
    return files.filter((file) => !this.failures.some((failure) => failure.file === file && counterexample.test(failure.message)));
  }

  /** Takes what a second try of `file` came to: where all passed, what failed before is told as unsteady. */
  settle(file: string, second: Results): void {
    if (second.failures.length > 0 || second.passed === 0) return;
    const unsteady = this.failures.filter((failure) => failure.file === file);
    this.unsteady.push(...unsteady);
    this.passed += unsteady.length;
    this.failures.splice(0, this.failures.length, ...this.failures.filter((failure) => failure.file !== file));
  }

  #skip(file: string, data: Ended, reason: string, counts: { skipped: number }): void {
    counts.skipped += 1;
    this.ports.count(this.#path(data), "skipped");
    this.skipped.push({ file, name: data.name, reason });
  }

  /** The names around a test that ended, and its own. */
  #path(data: Ended): readonly string[] {
    return (this.#paths.get(entryFile(data) ?? data.name) ?? []).slice(0, data.nesting + 1);
  }

  #failure(file: string, data: Ended): TestFailure {
    const error = "error" in data.details ? data.details.error : undefined;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const message = typeof cause === "string" ? cause : inspect(cause, { depth: 6 });
    const place = this.#name(data.file ?? file);
    return { file, place: data.line === undefined ? place : `${place}:${data.line}`, name: data.name, message, output: this.#output.get(file) ?? "" };
  }

  #name(file: string): string {
    return relative(this.#root, file) || file;
  }
}

/** The file that was run; a suite that it takes from elsewhere names that file as its own. */
function entryFile(data: { file?: string | undefined; entryFile?: string }): string | undefined {
  return data.entryFile ?? data.file;
}

function reasonOf(data: Ended): string | undefined {
  if (data.skip === undefined && data.todo === undefined) return undefined;
  const said = data.skip ?? data.todo;
  return typeof said === "string" && said !== "" ? said : "no reason given";
}

function isSubtestFailure(data: Ended): boolean {
  const error = "error" in data.details ? (data.details.error as { failureType?: string } | undefined) : undefined;
  return error?.failureType === "subtestsFailed";
}

function isWholeFile(data: Ended): boolean {
  return data.file !== undefined && data.nesting === 0 && data.file.endsWith(data.name) && /\.test\.tsx?$/.test(data.name);
}
