import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { captured, run } from "../test-parts/captured.ts";
import { runCommandLine } from "../commandline/run.ts";

async function eventually<T>(find: () => T | undefined): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nothing came in time");
}

test("plays the providers until it is told to stop, with a log and accounts for a collector", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-sandbox-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const [log, config] = [join(folder, "requests.ndjson"), join(folder, "providers.yaml")];
  const signals = new EventEmitter();
  const { terminal, out } = captured();
  const argv = ["sandbox", "providers", "--seed", "one", "--devices", "8", "--days", "1", "--every", "1m", "--latency", "1ms", "--quirk", "http-500", "--quirk", "tagoio:hang=0", "--log", log, "--config", config];
  const ended = runCommandLine([...argv, "--lang", "es"], { env: {}, terminal, envFile: "/nonexistent/.env", signals });
  const url = await eventually(() => /proveedores de prueba: (http:\/\/127\.0\.0\.1:\d+\/) \(semilla one\)/.exec(out())?.[1]);
  assert.equal((await fetch(`${url}sandbox/state`)).status, 200);
  await (await fetch(`${url}novus/data`)).text();
  await eventually(() => (out().includes("Ctrl-C lo termina") ? true : undefined));
  signals.emit("SIGINT");
  assert.equal(await ended, 0);
  assert.equal(JSON.parse(await readFile(log, "utf8")).provider, "tagoio");
  assert.match(await readFile(config, "utf8"), /provider: "twin"/);
  assert.match(out(), /TDATA \(Twin\): http:.*\/twin · 1 equipos · límites 20:1,600:60/);
  await assert.rejects(fetch(url), "nothing listens any more");
});

test("--json says where each provider lives", async () => {
  const signals = new EventEmitter();
  const { terminal, out } = captured();
  const ended = runCommandLine(["sandbox", "providers", "--json"], { env: {}, terminal, envFile: "/nonexistent/.env", signals });
  await eventually(() => (out().includes("}") ? true : undefined));
  signals.emit("SIGTERM");
  assert.equal(await ended, 0);
  const said = JSON.parse(out()) as { url: string; baseUrls: Record<string, string>; accounts: { id: string }[] };
  assert.equal(said.baseUrls["tdata"], `${said.url}/twin`);
  assert.equal(said.accounts.length, 8);
});

test("flags that say nothing of use end with exit 2, a port or file that cannot be had with exit 3", async () => {
  for (const flags of [["--devices", "0"], ["--days", "x"], ["--every", "1s"], ["--latency", "soon"], ["--listen", "here"], ["--quirk", "nothing"], ["--quirk", "hang=2"]]) {
    const { code, error } = await run(["sandbox", "providers", ...flags]);
    assert.equal(code, 2, flags.join(" "));
    assert.match(error, /Usage: caudal sandbox providers/);
  }
  const { code, error } = await run(["sandbox", "providers", "--log", tmpdir()]);
  assert.equal(code, 3);
  assert.match(error, /another file with --log/);
  assert.match((await run(["sandbox", "providers", "--help"])).out, /late-corrections/);
});
