import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hasCode } from "@caudal/core";
import { findRunning, forgetRunning, noteRunning } from "./commandline/running-instance.ts";
import { readEnvironment } from "./environment.ts";
import { run } from "./test-parts/captured.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "caudal-environment-"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("a .env stands behind the environment, a flag before it; each bad value is named by where it stands", async () => {
  const envFile = join(folder, ".env");
  await writeFile(envFile, "CAUDAL_HTTP=nowhere\n# a comment\nCAUDAL_LANG=es\nCAUDAL_DEMO=\"off\"\n");
  assert.deepEqual({ ...readEnvironment({ CAUDAL_DEMO: "on" }, envFile) }, { CAUDAL_HTTP: "nowhere", CAUDAL_LANG: "es", CAUDAL_DEMO: "on" });
  assert.deepEqual(readEnvironment({ A: "1" }, join(folder, "none")), { A: "1" });
  assert.throws(() => readEnvironment({}, folder), (error) => hasCode(error, "setting") && String(error).includes(folder));

  const data = ["--data", join(folder, "data")];
  const fromFile = await run(["up", ...data], { envFile });
  assert.equal(fromFile.code, 2);
  assert.match(fromFile.error, /Una configuración no es válida: CAUDAL_HTTP is "nowhere": expected \[HOST:\]PORT/);
  const fromEnv = await run(["up", ...data], { envFile, env: { CAUDAL_HTTP: "70000", CAUDAL_LANG: "en" } });
  assert.match(fromEnv.error, /✗ CAUDAL_HTTP is "70000"/);
  const fromFlag = await run(["up", ...data, "--http", "x:y", "--json"], { envFile, env: { CAUDAL_HTTP: "70000", CAUDAL_LANG: "en" } });
  assert.equal(fromFlag.code, 2);
  assert.match(fromFlag.json<{ error: { message: string } }>().error.message, /^--http is "x:y"/);
});

test("every setting that does not fit ends with exit 2 and names the variable, a secret without its value", async () => {
  const bad: readonly [string, string][] = [
    ["CAUDAL_HTTP", "a:b:c"], ["CAUDAL_MQTT", "http://example.test"], ["CAUDAL_MQTT", "1883x"], ["CAUDAL_DEMO", "maybe"], ["CAUDAL_PARTITIONS", "0"], ["CAUDAL_HOT_DAYS", "-1"],
    ["CAUDAL_WARM_DAYS", "3.5"], ["CAUDAL_LOG_BYTES", "1"], ["CAUDAL_LOG_LEVEL", "loud"], ["CAUDAL_LANG", "fr"], ["CAUDAL_ADOPT", "sometimes"], ["CAUDAL_DROP_ZONE", "Mars/Base"],
    ["CAUDAL_DROP_SETTLE", "soon"], ["CAUDAL_ARCHIVE_SEGMENT_AGE", "x"], ["CAUDAL_LIVE_CLIENTS", "many"],
  ];
  for (const [name, value] of bad) {
    const { code, error } = await run(["up", "--data", join(folder, "data")], { env: { [name]: value, ...(name === "CAUDAL_LANG" ? {} : { CAUDAL_LANG: "en" }) } });
    assert.equal(code, 2, name);
    assert.ok(error.includes(`${name} is "${value}"`) && error.includes("→ "), error);
  }
  const secret = await run(["points", "ls"], { env: { CAUDAL_TOKEN: " ", CAUDAL_LANG: "en" } });
  assert.match(secret.error, /CAUDAL_TOKEN is \[redacted\]/i);
  const file = await run(["points", "ls"], { env: { CAUDAL_TOKEN_FILE: join(folder, "none"), CAUDAL_LANG: "en" } });
  assert.equal(file.code, 2);
  assert.match(file.error, /CAUDAL_TOKEN_FILE names .*none, which cannot be read/);
});

test("a note of a running installation counts while that very process runs", async () => {
  const note = { pid: process.pid, http: "http://127.0.0.1:8000/", mqtt: null };
  assert.equal(findRunning(folder), undefined);
  noteRunning(folder, note);
  assert.deepEqual(findRunning(folder), note);
  forgetRunning(folder);
  assert.equal(findRunning(folder), undefined);
  for (const left of [`{"pid":${2 ** 22 + 1},"http":"x","mqtt":null,"startedAt":null}`, `{"pid":${process.pid},"http":"x","mqtt":null,"startedAt":"another life"}`, "{"]) {
    await writeFile(join(folder, "running.json"), left);
    assert.equal(findRunning(folder), undefined, left);
  }
});
