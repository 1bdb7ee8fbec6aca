import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { openRegulatorSandbox, type RegulatorSandbox } from "@caudal/sandbox";
import { run, type Ran, type RunOptions } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const point = pointIdOf("default", "well");
const HOUR_MS = 3_600_000;
const slot = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();

interface Slots {
  readonly items: readonly { readonly slot: string; readonly standing: string; readonly voucher: string | null; readonly values: object }[];
}

/** From a reading to a voucher and to evidence that a stranger can check, over the whole embedded installation. */
describe("what is owed to a regulator", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started;
  let url = "";
  // The installation's own sandbox fails now and then; this one does not.
  let regulator: RegulatorSandbox;
  before(async () => {
    regulator = await openRegulatorSandbox({ seed: "owed" });
    folder = await mkdtemp(join(tmpdir(), "caudal-owed-"));
    caudal = await startUp(["--data", folder, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "off"], { env: { CAUDAL_COMPLIANCE_ROUND: "1s", CAUDAL_DGA_URL: regulator.baseUrls.dga } });
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(caudal.out())?.[0] ?? "";
  });
  after(async () => {
    await caudal.stop();
    await regulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[], options?: RunOptions): Promise<Ran> => run([...argv, "--data", folder], options);
  const ok = async (argv: readonly string[], options?: RunOptions): Promise<Ran> => {
    const ran = await here(argv, options);
    assert.equal(ran.code, 0, `${argv.join(" ")}: ${ran.error}${ran.out}`);
    return ran;
  };

  test("a well's hour is frozen, sent, accepted and verified; its evidence proves it offline", async () => {
    await ok(["send", "well", "flow=15.314", "total=1010.7", "depth=9.851", "--time", slot]);
    await until("the point is there", async () => ((await here(["points", "show", point])).code === 0 ? true : undefined));
    await ok(["dga", "credentials", "set", "dga", "12345678-5"], { input: () => Readable.from(["synthetic-password-9\n"]) });
    const response = await fetch(`${url}/api/v1/compliance/obras/dga/OB-0602-7`, {
      method: "PUT", headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client: "default", name: "Pozo 7", standard: "mayor", water: "groundwater", centreRut: "76543210-3", informantRut: "12345678-5", settleMinutes: 0, submitFrom: slot, mode: "live", reason: "first",
        feeds: ["flow", "total", "depth"].map((variable) => ({ quantity: variable, point, variable })),
      }),
    });
    assert.equal(response.status, 200, await response.clone().text());
    const verified = await until("the slot is verified", async () => {
      const { items: [first] } = (await ok(["dga", "slots", "OB-0602-7", "--from", slot, "--to", new Date(Date.parse(slot) + 1000).toISOString(), "--json"])).json<Slots>();
      if (first?.standing === "accepted") await here(["dga", "verify", "OB-0602-7"]);
      return first?.standing === "verified" ? first : undefined;
    });
    assert.deepEqual(verified.values, { flowLps: 15.314, totalM3: 1010.7, depthM: 9.851, stageM: null });
    assert.equal(regulator.stored({ codigoObra: "OB-0602-7" }).length, 1);
    assert.match((await here(["dga", "status"])).out, /dga\/OB-0602-7 +live .* 1\/[12] +\d +0 +0 +0 +0 +0/);
    assert.match((await ok(["dga", "ledger", "OB-0602-7"])).out, /frozen 1.*\n.*attempt 1.*\n.*outcome 1 accepted.*\n(.*\n)*.*verification verified/);
    assert.equal((await ok(["dga", "plan"])).out, "nothing waits to be sent\n");
    const pack = join(folder, "evidence.zip");
    await ok(["audit", "pack", "--work", "OB-0602-7", "--from", slot, "--to", new Date(Date.parse(slot) + HOUR_MS).toISOString(), "--out", pack]);
    assert.match((await ok(["audit", "verify", pack])).out, /dga\/OB-0602-7 .*1 slots, 1 accepted/);
  });
});
