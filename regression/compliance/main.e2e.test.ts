import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function live(...given: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, "main.ts"), ...given], { env: { PATH: process.env["PATH"] } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test("a day on SQLite files by hand: exit code 0, figures as JSON, and a section of the report beside the others", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-year-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const report = join(folder, "REPORT.md");
  await writeFile(report, "# Old\n<!-- simulated -->\n## Simulated documents\n\nkept\n<!-- end of simulated -->\n");
  const { code, stdout, stderr } = await live("--store", "embedded", "--works", "2", "--days", "1", "--drain", "2", "--seed", "by-hand", "--json", "--report", report);
  assert.equal(code, 0, `${stderr}${stdout}`);
  const told = JSON.parse(stdout) as { good: boolean; findings: unknown[]; figures: Record<string, number> };
  assert.deepEqual([told.good, told.findings], [true, []]);
  assert.ok((told.figures["POSTs"] ?? 0) > 20, stdout);
  const text = await readFile(report, "utf8");
  assert.match(text, /kept\n<!-- end of simulated -->\n\n<!-- embedded -->\n## The embedded engine\n\nWritten by `node regression\/compliance\/main\.ts --store embedded --seed by-hand --works 2 --days 1 --drain 2`/);
  assert.match(text, /\| verdict \| nothing found \|/);
});

test("what cannot be meant is usage", async () => {
  for (const given of [["--store", "paper"], ["--works", "0"], ["--drain", "0"], ["--nonsense"]]) {
    const { code, stderr } = await live(...given);
    assert.equal(code, 2, given.join(" "));
    assert.match(stderr, /node regression\/compliance\/main\.ts/);
  }
});
