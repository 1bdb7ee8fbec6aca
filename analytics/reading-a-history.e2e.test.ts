import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { measurement, openScene, type Scene } from "./test-scene.ts";

const run = promisify(execFile);
const us = (text: string): number => Date.parse(text) * 1000;
const NOW = us("2026-05-01T00:00:00Z");
const page = new URL("../docs/reading-a-history.md", import.meta.url);

let scene: Scene;
let point: string;

before(async () => {
  scene = await openScene({ nowUs: NOW });
  point = await scene.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);
  await scene.publish(Array.from({ length: 31 * 24 * 2 }, (_, i) =>
    measurement(point, us("2026-03-01T00:00:00Z") + i * 1800e6, { flow: 0.5 + (i % 2), total: 999_999_999_000 + i / 1000 }, { receivedAtUs: NOW })));
  await scene.rolledUp();
});
after(() => scene.close());

/** The page's very lines in a language, five of them, aimed at the test's server. */
async function snippet(language: string): Promise<string> {
  const code = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(await readFile(page, "utf8"))?.[1];
  assert.ok(code !== undefined, `the page shows ${language}`);
  assert.equal(code.trim().split("\n").length, 5);
  return code.replace("http://127.0.0.1:8000", scene.url).replace("POINT", point);
}

/** Undefined when the program is not on this machine. */
async function versionOf(program: string): Promise<string | undefined> {
  return run(program, ["--version"]).then(({ stdout }) => stdout.trim(), () => undefined);
}

test("five lines of Python read a month", async (context) => {
  if (await versionOf("python3") === undefined) return context.skip("python3 is not installed here; on Debian: apt-get install python3");
  const { stdout } = await run("python3", ["-c", await snippet("python")], { timeout: 20_000 });
  assert.equal(stdout.trim(), "741 2026-03-01T00:00:00-03:00 1 999999999001.487");
});

test("five lines of R read a month", async (context) => {
  if (await versionOf("Rscript") === undefined) return context.skip("Rscript is not installed here; on Debian: apt-get install r-base-core");
  const { stdout } = await run("Rscript", ["-e", await snippet("r")], { timeout: 60_000 });
  assert.equal(stdout.trim(), "744 2026-03-01T00:00:00Z 1 999999999001.487");
});
