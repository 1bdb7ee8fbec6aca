import assert from "node:assert/strict";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openSandbox, providerIds, writeProvidersFile, type Sandbox } from "@caudal/sandbox";
import { findRunning } from "../commandline/running-instance.ts";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const FREE = ["--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"];
const HOUR_MS = 3_600_000;
/** A first start plays months of the meters' history beside it. */
const DEADLINE_MS = 150_000;
const LOOK_BACK_MS = 5.5 * HOUR_MS;

interface Point {
  readonly id: string;
  readonly client: string;
  readonly device: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Listed {
  readonly items: readonly { readonly account: string; readonly provider: string; readonly client: string; readonly state: string }[];
}

describe("the demo's providers", { concurrency: false }, () => {
  let folder = "";
  let own: Sandbox;
  let file = "";
  let caudal: Started | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-demo-providers-"));
    own = await openSandbox({ seed: "own", devices: { tagoio: 1 }, days: 1 });
    file = (await writeProvidersFile(own, join(folder, "own", "providers.yaml"), { client: "acme" })).path;
  });
  after(async () => {
    await caudal?.stop();
    await own.close();
    await rm(folder, { recursive: true, force: true });
  });

  const data = (): string => join(folder, "data");
  const here = (argv: readonly string[]): Promise<Ran> => run([...argv, "--data", data()]);
  const points = async (): Promise<readonly Point[]> => (await here(["points", "ls", "--limit", "1000", "--json"])).json<{ items: Point[] }>().items;
  const accounts = async (): Promise<Listed["items"]> => (await here(["providers", "ls", "--json"])).json<Listed>().items;
  const stop = async (): Promise<void> => {
    assert.equal(await caudal?.stop(), 0);
    caudal = undefined;
  };
  /** Whether there is a measurement of the hour that ended so long ago. */
  const hasPast = async ({ id }: Point, agoMs: number): Promise<boolean> => {
    const [from, to] = [Date.now() - agoMs, Date.now() - agoMs + HOUR_MS].map((atMs) => new Date(atMs).toISOString());
    const answer = await fetch(new URL(`/api/v1/analytics/points/${id}/history?from=${from}&to=${to}`, findRunning(data())?.http), { headers: { accept: "application/x-ndjson" } });
    assert.equal(answer.status, 200, await answer.clone().text());
    return /"time"/.test(await answer.text());
  };

  test("every provider and MQTT show points within seconds, with the last hours, beside a person's own accounts", async () => {
    caudal = await startUp(["--data", data(), ...FREE], { env: { CAUDAL_PROVIDERS: file } });
    const out = await until("the sandbox is told of", () => (caudal?.out().includes("providers with") === true ? caudal.out() : undefined));
    assert.match(out, /dashboard: http[\s\S]+demo: 8 providers with 24 devices whose data is made up are asked; a sandbox in this process plays them: http:\/\/127\.0\.0\.1:\d+\/ State: npx caudal providers ls --url http:/);
    const found = await until("each provider has all its points, and MQTT has some", async () => {
      const all = await points();
      const of = (start: string): number => all.filter(({ client, device }) => client === "demo" && device.startsWith(`${start}-`)).length;
      return providerIds.every((id) => of(id) === 3) && of("hogar") > 0 && all.some(({ client }) => client === "acme") ? all : undefined;
    }, DEADLINE_MS);
    for (const id of providerIds) {
      const point = found.find(({ device }) => device === `${id}-2`) ?? assert.fail(id);
      await until(`${id} has its past`, async () => ((await hasPast(point, LOOK_BACK_MS)) ? true : undefined), DEADLINE_MS);
      assert.match(point.labels["source"] ?? "", /^Caudal sandbox: /);
      assert.match(point.labels["credit"] ?? "", /^Made up/);
    }
    const listed = await accounts();
    assert.deepEqual(listed.map(({ account }) => account).sort(), ["sandbox-tagoio-1", ...providerIds.map((id) => `demo-${id}-1`)].sort());
    assert.deepEqual(listed.filter(({ state }) => state !== "polling"), []);
    assert.match((await here(["providers", "status", "demo-wiseconn-1"])).out, /3 devices: 0 late, 0 never seen, 0 misconfigured/);
  });

  test("its configuration can be tried like anybody's", async () => {
    const { code, out } = await here(["providers", "try", "demo-hidronet-1", "--device", "hidronet-3", "--file", join(data(), "demo", "providers", "providers.yaml")]);
    assert.equal(code, 0, out);
    assert.match(out, /demo-hidronet-1\/hidronet-3 .* ok/);
  });

  test("clearing the demo ends them and leaves a person's own", async () => {
    const url = /plays them: (\S+)/.exec(caudal?.out() ?? "")?.[1] ?? assert.fail("no address");
    assert.equal((await fetch(url)).status, 200);
    assert.ok((await here(["demo", "clear", "--json"])).json<{ points: number }>().points >= 36);
    assert.deepEqual([...new Set((await points()).map(({ client }) => client))], ["acme"]);
    assert.deepEqual((await accounts()).map(({ account }) => account), ["sandbox-tagoio-1"]);
    await assert.rejects(fetch(url));
    await assert.rejects(access(join(data(), "demo", "providers")));
    const health = (await (await fetch(new URL("/health", findRunning(data())?.http))).json()) as { status: string };
    assert.equal(health.status, "ok");
    await stop();
  });

  test("they stay away with the demo, and where nobody is to be asked", async () => {
    caudal = await startUp(["--data", data(), ...FREE], { env: { CAUDAL_PROVIDERS: file } });
    await until("the own account is asked", async () => ((await accounts()).some(({ state }) => state === "polling") ? true : undefined));
    assert.deepEqual((await accounts()).map(({ account }) => account), ["sandbox-tagoio-1"]);
    assert.doesNotMatch(caudal.out(), /providers with/);
    await stop();

    caudal = await startUp(["--data", data(), ...FREE, "--demo", "on"], { env: { CAUDAL_PROVIDERS: "off" } });
    await until("the meters play", async () => ((await points()).some(({ client, device }) => client === "demo" && device === "hogar-01") ? true : undefined));
    assert.deepEqual(await accounts(), []);
    assert.doesNotMatch(caudal.out(), /providers with/);
    await stop();
  });
});
