import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "../test-parts/captured.ts";

interface Tried {
  readonly items: readonly { readonly device: string; readonly outcome: string; readonly detail: string; readonly samples: readonly { readonly key: string; readonly value: unknown; readonly unit: string | null; readonly time: string }[] }[];
}

/** `providers try` and `backfill` where nothing runs. */
describe("accounts of a providers.yaml, without an installation", () => {
  let server: Server;
  let folder = "";
  let file = "";
  let answers: () => { readonly status: number; readonly body: string };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-providers-"));
    server = createServer((_request, response) => {
      const { status, body } = answers();
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    file = join(folder, "providers.yaml");
    await writeFile(file, `accounts:
  - id: north
    provider: tagoio
    client: acme
    baseUrl: http://127.0.0.1:${(server.address() as AddressInfo).port}
    allowPrivate: true
    devices:
      - device: W-07
        every: 10m
        keys: [caudal]
        names: { caudal: flow }
        secrets: { token: "env:CAUDAL_TEST_ONLY_TOKEN" }
`);
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const env = { CAUDAL_TEST_ONLY_TOKEN: "tok-synthetic-4471" };
  const asked = (...argv: readonly string[]): ReturnType<typeof run> => run([...argv, "--data", join(folder, "data")], { env: { ...env, CAUDAL_PROVIDERS: file } });

  test("try prints the readings that a device would give, and publishes nothing", async () => {
    answers = () => ({ status: 200, body: JSON.stringify({ status: true, result: [{ id: "1", device: "x", variable: "caudal", value: 17.36, unit: "l/s", time: "2026-03-01T12:00:00.000Z" }] }) });
    const { code, json } = await asked("providers", "try", "north", "--json");
    assert.deepEqual(json<Tried>().items.map(({ device, outcome, samples }) => [device, outcome, samples]), [["W-07", "ok", [{ key: "flow", value: 17.36, unit: "l/s", time: "2026-03-01T12:00:00Z" }]]]);
    assert.equal(code, 0);
    const shown = await asked("providers", "try", "novus", "--device", "W-07", "--lang", "es");
    assert.match(shown.out, /north\/W-07 {2}caudal {2}ok\n {2,}flow +17\.36 +l\/s +2026-03-01T12:00:00Z/);
  });

  test("a failure is a finding, and no secret is shown", async () => {
    answers = () => ({ status: 401, body: '{"message":"token tok-synthetic-4471 is unknown"}' });
    const { code, out, error } = await asked("providers", "try", "north");
    assert.equal(code, 1);
    assert.match(out, /auth_failed/);
    assert.doesNotMatch(out + error, /synthetic-4471/);
  });

  test("backfill in this process: dry it publishes nothing, then it publishes", async () => {
    answers = () => ({ status: 200, body: JSON.stringify({ status: true, result: [{ id: "1", device: "x", variable: "caudal", value: 17.36, unit: "l/s", time: "2026-03-01T12:00:00.000Z" }] }) });
    const folderOfData = join(folder, "stored");
    await mkdir(folderOfData);
    const window = ["--from", "2026-03-01", "--to", "2026-03-02", "--account", "north", "--json"];
    const backfill = async (...argv: readonly string[]): Promise<{ readonly code: number; readonly report: { readonly dryRun: boolean; readonly calls: number; readonly days: number; readonly rows: Readonly<Record<string, number>> } }> => {
      const ran = await run(["backfill", ...window, ...argv, "--data", folderOfData], { env: { ...env, CAUDAL_PROVIDERS: file } });
      assert.equal(ran.code, 0, ran.error + ran.out);
      return { code: ran.code, report: ran.json() };
    };
    const dry = await backfill("--dry-run");
    assert.deepEqual([dry.report.dryRun, dry.report.calls, dry.report.days, dry.report.rows["forward"]], [true, 1, 1, 1]);
    const did = await backfill();
    assert.deepEqual([did.report.dryRun, did.report.rows["forward"]], [false, 1]);
    assert.equal((await run(["backfill", "--from", "2026-03-01", "--to", "2026-03-02", "--account", "nobody", "--data", folderOfData], { env: { ...env, CAUDAL_PROVIDERS: file } })).code, 1);
  });

  test("what is not there: an account, a device, a file, a window; each with its next step", async () => {
    const unknown = await asked("providers", "try", "south");
    assert.deepEqual([unknown.code, unknown.error.includes("It has: north")], [1, true]);
    assert.equal((await asked("providers", "try", "north", "--device", "none")).code, 1);
    assert.equal((await asked("providers", "try")).code, 2);
    assert.equal((await asked("providers", "status")).code, 2);
    assert.equal((await asked("providers", "try", "north", "--from", "2026-03-02", "--to", "2026-03-01")).code, 2);
    assert.equal((await asked("providers", "try", "north", "--file", join(folder, "none.yaml"))).code, 2);
    assert.equal((await asked("backfill", "--from", "2026-03-01")).code, 2);
    assert.equal((await asked("backfill", "--from", "2026-03-01", "--to", "2026-03-02")).code, 3, "no data folder yet");
  });
});
