import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function simulate(...given: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, "main.ts"), ...given], { env: { PATH: process.env["PATH"] } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test("runs are shared by workers, told as JSON and reported as figures", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-simulation-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const report = join(folder, "REPORT.md");
  const { code, stdout, stderr } = await simulate("--runs", "12", "--seed", "cli", "--json", "--report", report);
  assert.equal(code, 0, stderr);
  const told = JSON.parse(stdout) as { runs: number; failed: unknown[]; readings: number };
  assert.equal(told.runs, 12);
  assert.deepEqual(told.failed, []);
  assert.ok(told.readings > 0);
  const text = await readFile(report, "utf8");
  assert.match(text, /\| runs \| 12, seeds cli-0 to cli-11 \|/);
  assert.match(text, /\| lost \| 0 \|\n\| doubled \| 0 \|/);
});

test("one seed can be seen again, with its trace, and gives the same trace each time", async () => {
  const [first, second] = [await simulate("--only", "cli-3", "--json"), await simulate("--only", "cli-3", "--trace", "--json")];
  assert.equal(first.code, 0, first.stderr);
  const hashOf = (stdout: string): string => (JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { traceHash: string }).traceHash;
  assert.equal(hashOf(second.stdout), hashOf(first.stdout));
  assert.match(second.stdout, /log\.publish\(caudal\.readings/);
});

test("what cannot be meant is usage", async () => {
  for (const given of [["--runs", "some"], ["--nonsense"], ["--only", "x", "--without", "gravity"]]) {
    const { code, stderr } = await simulate(...given);
    assert.equal(code, 2, given.join(" "));
    assert.match(stderr, /node regression\/simulation\/main\.ts/);
  }
});
