import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSandbox, providersFileText, writeProvidersFile } from "../index.ts";
import { DAY, got, HOUR, NOON, opened, secretOf } from "../test-parts/opened.ts";

test("quirks are switched at run time, for one provider or all; what cannot be is refused whole", async (context) => {
  const { sandbox, account, device } = await opened(context);
  const control = `${sandbox.url}/sandbox/quirks`;
  const ask = () => got(`${account("tagoio").baseUrl}/data`, { "device-token": secretOf(device("tagoio"), "token") });
  assert.equal((await ask()).status, 200);
  assert.deepEqual((await got(control, {}, { provider: "tagoio", quirk: "http-500", share: 1 })).json, { quirks: { tagoio: { "http-500": 1 } } });
  assert.equal((await ask()).status, 500);
  assert.equal((await got(control, {}, [{ quirk: "http-500", share: 0 }, { quirk: "empty", share: 1 }])).status, 200);
  assert.deepEqual((await ask()).json.result, []);
  for (const wrong of [[], {}, { quirk: "none", share: 1 }, { quirk: "hang", share: 2 }, { quirk: "hang" }, { provider: "nobody", quirk: "hang", share: 1 }, { provider: "tagoio", quirk: "error-line", share: 1 }, [{ quirk: "hang", share: 1 }, { quirk: "hang", share: -1 }]]) assert.equal((await got(control, {}, wrong)).status, 400, JSON.stringify(wrong));
  assert.equal(sandbox.quirks.current(NOON).tagoio?.hang, undefined);
  assert.equal((await fetch(control, { method: "POST", body: "{" , headers: { "content-type": "application/json" } })).status, 400);
  sandbox.quirks.set("all", "drip", 0.5);
  sandbox.quirks.clear();
  assert.deepEqual(sandbox.quirks.current(NOON), {});
});

test("the control answers only what is asked of this machine by its own name", async (context) => {
  const { sandbox } = await opened(context);
  const status = await new Promise((resolve, reject) => {
    request(`${sandbox.url}/sandbox/state`, { headers: { host: "rebound.example" } }, (response) => resolve(response.resume().statusCode)).on("error", reject).end();
  });
  assert.equal(status, 403);
  assert.equal((await got(`${sandbox.url}/sandbox/state`)).status, 200);
  assert.equal((await got(`${sandbox.url}/nowhere`)).status, 404);
});

test("the truth: rows that could be seen at an instant, with the newest value then, streamed and by call", async (context) => {
  const { sandbox, clock } = await opened(context, { quirks: { all: { "late-rows": 0.3, "late-corrections": 0.4 } } });
  clock.nowMs = NOON + 3 * DAY;
  const all = [...sandbox.truth({ fromMs: NOON - HOUR, toMs: NOON })];
  const text = (await got(`${sandbox.url}/sandbox/truth?from=2026-03-01T11:00:00Z&to=${NOON}`)).text;
  assert.deepEqual(text.trim().split("\n").map((line) => JSON.parse(line)), all);
  const early = [...sandbox.truth({ fromMs: NOON - HOUR, toMs: NOON, asOfMs: NOON })];
  assert.ok(early.length < all.length && early.every(({ firstVisibleAt }) => firstVisibleAt <= NOON));
  const byRow = new Map(all.map((row) => [`${row.device} ${row.key} ${row.timeUs}`, row]));
  const corrected = early.filter((row) => byRow.get(`${row.device} ${row.key} ${row.timeUs}`)?.value !== row.value);
  assert.ok(corrected.length > 0 && corrected.every(({ revisions }) => revisions.length === 1));
  const one = [...sandbox.truth({ fromMs: NOON - HOUR, toMs: NOON, provider: "tagoio" })];
  assert.ok(one.length > 0 && one.every(({ provider }) => provider === "tagoio"));
  for (const wrong of ["", "?from=1", "?from=x&to=y", "?from=1&to=2&provider=none", "?from=1&to=2&as-of=never"]) assert.equal((await got(`${sandbox.url}/sandbox/truth${wrong}`)).status, 400, wrong);
  assert.equal((await got(`${sandbox.url}/sandbox/truth?from=1&to=2&device=none&as-of=5`)).text, "");
});

test("the log: bounded in memory, whole in its file, without a secret", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const logFile = join(folder, "logs", "requests.ndjson");
  const sandbox = await openSandbox({ seed: "log", nowMs: () => NOON, logFile, logKept: { entries: 10, rows: 40 } });
  const heard: number[] = [];
  const quiet = sandbox.log.listen(({ number }) => heard.push(number));
  const [account] = sandbox.accounts().filter(({ provider }) => provider === "tagoio");
  const [device] = account?.devices ?? [];
  assert.ok(account !== undefined && device !== undefined);
  for (let call = 0; call < 15; call++) await got(`${account.baseUrl}/data`, { "device-token": secretOf(device, "token") });
  assert.deepEqual(heard, Array.from({ length: 15 }, (_, at) => at + 1));
  quiet();
  assert.deepEqual(sandbox.log.entries().map(({ number }) => number), [14, 15], "15 rows each, 40 kept");
  assert.deepEqual((await got(`${sandbox.url}/sandbox/log?after=14`)).text.trim().split("\n").map((line) => JSON.parse(line).number), [15]);
  await got(`${account.baseUrl}/data`, { "device-token": "0".repeat(36) });
  assert.deepEqual(sandbox.log.counts(), { requests: 16, exceeded: 0, kept: 3 });
  await sandbox.close();
  const text = await readFile(logFile, "utf8");
  const lines = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, 16);
  assert.deepEqual([lines[0].rows.length, lines[0].route, lines[0].device, lines[15].status], [15, "/data", device.device, 401]);
  assert.ok(!text.includes(secretOf(device, "token")));
  await assert.rejects(openSandbox({ seed: "log", logFile: folder }));
});

test("options that cannot be are refused; a taken port is said; closing ends a request that hangs", async (context) => {
  await assert.rejects(openSandbox({ seed: "x", everyMs: [1000] }), RangeError);
  await assert.rejects(openSandbox({ seed: "x", days: -1 }), RangeError);
  await assert.rejects(openSandbox({ seed: "x", limits: { tdata: "often" } }), RangeError);
  const { sandbox } = await opened(context);
  await assert.rejects(openSandbox({ seed: "x", port: Number(new URL(sandbox.url).port) }), /EADDRINUSE/);
  const hung = await openSandbox({ seed: "x", quirks: { all: { hang: 1 } } });
  const waits = fetch(`${hung.url}/novus/data`);
  const ended = assert.rejects(waits);
  while (hung.log.counts().requests === 0) await new Promise((resolve) => setImmediate(resolve));
  await hung.close();
  await ended;
});

test("a providers.yaml with references, and the made-up secrets in files beside it", async (context) => {
  const { sandbox } = await opened(context);
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { path, secretsFolder } = await writeProvidersFile(sandbox, join(folder, "config", "providers.yaml"), { client: "demo", every: "5m" });
  const text = await readFile(path, "utf8");
  const secrets = sandbox.accounts().flatMap((account) => [account, ...account.devices]).flatMap((of) => Object.values(of.secrets));
  assert.ok(secrets.length > 8 && secrets.every((secret) => !text.includes(secret)));
  assert.equal(await readFile(join(secretsFolder, "tdata-1.password"), "utf8"), `${sandbox.accounts()[0]?.secrets["password"]}\n`);
  assert.equal((await stat(join(secretsFolder, "tdata-1.password"))).mode & 0o777, 0o600);
  assert.equal(text, providersFileText(sandbox.accounts(), (file) => `file:${join(secretsFolder, file)}`, { client: "demo", every: "5m" }));
  assert.ok(providersFileText([], String).includes("accounts: []"));
});
