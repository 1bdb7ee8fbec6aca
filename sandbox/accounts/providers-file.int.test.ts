import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Account, AccountDevice } from "../../collector/providers/account.ts";
import { readProvidersFile } from "../../collector/providers/file/read-providers-file.ts";
import type { Answer, Normalised, ProviderRequest, TimedSample, Window } from "../../collector/providers/provider.ts";
import { providers } from "../../collector/providers/providers.ts";
import { writeProvidersFile } from "../index.ts";
import { HOUR, NOON, opened } from "../test-parts/opened.ts";

const MAX_PAGES = 20;

async function answerOf(baseUrl: string, { method, path, query = [], headers = {}, json, form }: ProviderRequest): Promise<Answer> {
  const body = form === undefined ? (json === undefined ? undefined : JSON.stringify(json)) : new URLSearchParams({ ...form });
  const response = await fetch(`${baseUrl}${path}?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()}`, { method, headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers }, ...(body === undefined ? {} : { body }) });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: new Uint8Array(await response.arrayBuffer()) };
}

/** All samples of a window, as the account's own adapter asks for them and reads them. */
async function collected(account: Account, device: AccountDevice, { window, nowUs, keys }: { window: Window; nowUs: number; keys: readonly string[] }): Promise<readonly TimedSample[]> {
  const { provider, settings, secrets, baseUrl } = account;
  const samples: TimedSample[] = [];
  let token: string | undefined;
  if (provider.login !== undefined) {
    const given = provider.login.token(await answerOf(baseUrl, provider.login.request(settings, secrets)), nowUs);
    assert.ok("token" in given, JSON.stringify(given));
    token = given.token;
  }
  let page: unknown;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const ask = { settings, secrets, device, keys, window, page, nowUs };
    const request = provider.request(ask);
    const read: Normalised = provider.normalise(await answerOf(baseUrl, token === undefined ? request : (provider.login?.apply(request, token) ?? request)), ask);
    if (read.kind === "ok") samples.push(...read.samples);
    else assert.equal(read.kind, "no_data", `${account.id} ${device.device} ${JSON.stringify(read)}`);
    page = read.kind === "ok" || read.kind === "no_data" ? read.next : undefined;
    if (page === undefined) return samples;
  }
  throw new Error(`${account.id}: more than ${MAX_PAGES} pages`);
}

test("its accounts are read without a finding, and through each adapter they give exactly the rows that are true", async (context) => {
  const { sandbox } = await opened(context, { devices: 16, limits: { tdata: "", thingsboard: "", "thethings-io": "", tagoio: "", "things-stack": "", wiseconn: "", ubidots: "", hidronet: "" } });
  const folder = await mkdtemp(join(tmpdir(), "sandbox-accounts-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { path } = await writeProvidersFile(sandbox, join(folder, "providers.yaml"), { client: "demo" });
  const resolveSecret = async (reference: string) => (await readFile(reference.slice("file:".length), "utf8")).trim();
  const { accounts, problems } = await readProvidersFile(path, { resolveSecret, providers });
  assert.deepEqual(problems, []);
  assert.equal(accounts.length, 8);
  assert.deepEqual(accounts.map(({ devices }) => devices[0]?.name), ["TDATA 1", "ThingsBoard 1", "thethings.io 1", "TagoIO 1", "The Things Stack 1", "WiseConn 1", "Ubidots 1", "Hidronet 1"]);
  const window = { fromUs: (NOON - 6 * HOUR) * 1000, toUs: NOON * 1000 };
  for (const account of accounts) {
    for (const device of account.devices) {
      const asked = account.provider.keysPerCall === "one" ? device.keys.map((key) => [key]) : [device.keys];
      const found = (await Promise.all(asked.map((keys) => collected(account, device, { window, nowUs: NOON * 1000, keys })))).flat();
      const rows = new Set(found.filter(({ timeUs }) => timeUs >= window.fromUs && timeUs < window.toUs).map(({ key, timeUs, value }) => `${key} ${timeUs} ${Number(value)}`));
      const truth = [...sandbox.truth({ fromMs: NOON - 6 * HOUR, toMs: NOON, device: device.device })];
      assert.ok(truth.length > 100);
      assert.deepEqual([...rows].sort(), truth.map(({ key, timeUs, value }) => `${key} ${timeUs} ${value}`).sort(), device.device);
    }
  }
});
