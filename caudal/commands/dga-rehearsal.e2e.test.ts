import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { pointIdOf, systemScope } from "@caudal/core";
import { openRegulatorSandbox, type RegulatorSandbox } from "@caudal/sandbox";
import { startCaudal, type RunningCaudal } from "../../regression/integrity/running-caudal.ts";
import { run, type Ran, type RunOptions } from "../test-parts/captured.ts";
import { portsOf } from "../test-parts/ports-of.ts";
import { until } from "../test-parts/until.ts";

const FREE = ["--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--demo", "off"];
const HOUR_MS = 3_600_000;
const slot = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
const slotEnd = new Date(Date.parse(slot) + HOUR_MS).toISOString();
const clients = { "OB-0602-7": "default", "OB-0602-8": "neighbour" } as const;
type Code = keyof typeof clients;
type Kind = "sandbox" | "live";

interface Slots {
  readonly items: readonly { readonly standing: string }[];
}

/** Rehearsing, forgetting it and going live, with an installation in a process of its own. */
describe("going live", { concurrency: false }, () => {
  let folder = "";
  let caudal: RunningCaudal | undefined;
  const regulators: RegulatorSandbox[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-going-live-"));
  });
  after(async () => {
    await caudal?.stop();
    for (const regulator of regulators) await regulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[], options?: RunOptions): Promise<Ran> => run([...argv, "--data", folder], options);
  const ok = async (argv: readonly string[], options?: RunOptions): Promise<Ran> => {
    const ran = await here(argv, options);
    assert.equal(ran.code, 0, `${argv.join(" ")}: ${ran.error}${ran.out}`);
    return ran;
  };
  const start = async (mode: Kind): Promise<RegulatorSandbox> => {
    const regulator = await openRegulatorSandbox({ seed: `regulator ${regulators.length}` });
    regulators.push(regulator);
    caudal = await startCaudal(folder, FREE, { CAUDAL_COMPLIANCE_ROUND: "1s", CAUDAL_DGA_MODE: mode, CAUDAL_DGA_URL: regulator.baseUrls.dga });
    return regulator;
  };
  const stop = async (): Promise<void> => {
    assert.equal((await caudal?.stop())?.code, 0);
    caudal = undefined;
  };
  const put = async (code: Code, mode: "off" | "shadow" | "live"): Promise<void> => {
    const point = pointIdOf(clients[code], "well");
    const response = await fetch(new URL(`/api/v1/compliance/obras/dga/${code}`, caudal?.http), {
      method: "PUT", headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client: clients[code], name: code, standard: "mayor", water: "groundwater", centreRut: "76543210-3", informantRut: "12345678-5", settleMinutes: 0, submitFrom: slot, mode, reason: mode,
        feeds: ["flow", "total", "depth"].map((variable) => ({ quantity: variable, point, variable })),
      }),
    });
    assert.equal(response.status, 200, await response.clone().text());
  };
  const standing = async (code: Code): Promise<string | undefined> => (await ok(["dga", "slots", code, "--from", slot, "--to", slotEnd, "--json"])).json<Slots>().items[0]?.standing;
  const stands = (code: Code, wanted: RegExp): Promise<true> => until(`${code} is ${wanted}`, async () => (wanted.test((await standing(code)) ?? "") ? true : undefined));

  test("a rehearsal is forgotten on a running installation, which goes on with an empty ledger", async () => {
    const regulator = await start("sandbox");
    for (const client of Object.values(clients)) await ok(["send", "well", "flow=15.314", "total=1010.7", "depth=9.851", "--time", slot, "--client", client]);
    await ok(["dga", "credentials", "set", "dga", "12345678-5"], { input: () => Readable.from(["synthetic-password-9\n"]) });
    await put("OB-0602-7", "live");
    await stands("OB-0602-7", /accepted|verified/);
    assert.equal(regulator.stored({ codigoObra: "OB-0602-7" }).length, 1);
    const plan = await here(["dga", "forget-rehearsal"]);
    assert.equal(plan.code, 1);
    assert.match(plan.out, /removes:\n[\s\S]*ledger +\d[\s\S]*dga\/OB-0602-7[\s\S]*--yes/);
    assert.match(await standing("OB-0602-7") ?? "", /accepted|verified/, "a plan changes nothing");
    assert.match((await ok(["dga", "forget-rehearsal", "--yes"])).out, /the rehearsal is forgotten/);
    assert.equal((await here(["dga", "switch"])).code, 1, "sending is off");
    await stands("OB-0602-7", /ready/);
    // A chain of its own begins, with what was measured made ready anew.
    assert.match((await ok(["dga", "ledger", "OB-0602-7"])).out, /^1 .*frozen 1[^\n]*\n$/);
    assert.match((await here(["dga", "status"])).out, /dga\/OB-0602-7 +off /);
    await stop();
  });

  test("an installation does not go live on a rehearsal's ledger; forgotten, it does, and sends once a person says so", async () => {
    await start("sandbox");
    await ok(["dga", "switch", "on", "--reason", "rehearse again"]);
    await put("OB-0602-7", "live");
    await stands("OB-0602-7", /accepted|verified/);
    await stop();
    await assert.rejects(startCaudal(folder, FREE, { CAUDAL_DGA_MODE: "live", CAUDAL_DGA_URL: "http://127.0.0.1:9" }), /ended with [1-9][^]*the ledger holds submissions to a sandbox[^]*forget-rehearsal/);
    const planned = (await ok(["dga", "forget-rehearsal", "--dry-run", "--json"])).json<{ forgotten: boolean; audience: string; works: string[] }>();
    assert.deepEqual([planned.forgotten, planned.audience, planned.works], [false, "rehearsal", ["dga/OB-0602-7"]]);
    await ok(["dga", "forget-rehearsal", "--yes"]);
    const regulator = await start("live");
    assert.equal((await here(["dga", "switch"])).code, 1, "sending is off");
    for (const code of Object.keys(clients) as Code[]) {
      await put(code, "live");
      await stands(code, /ready/);
    }
    assert.match((await here(["dga", "run", "--json"])).out, /"sending": ?false/);
    assert.equal(regulator.stored({ codigoObra: "OB-0602-7" }).length, 0);
    await ok(["dga", "switch", "on", "--reason", "we are live"]);
    for (const code of Object.keys(clients) as Code[]) await stands(code, /accepted|verified/);
    assert.equal(regulator.stored({ codigoObra: "OB-0602-7" }).length, 1);
    const refused = await here(["dga", "forget-rehearsal", "--yes"]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.error, /the ledger is live/);
  });

  test("an erased client takes works, slots and certificates along; the ledger stays, whole, and is named with its reason", async () => {
    const plan = await here(["clients", "erase", "neighbour"]);
    assert.match(plan.out, /stays:[\s\S]*the ledger of what was sent to regulators for dga\/OB-0602-8/);
    const erased = (await ok(["clients", "erase", "neighbour", "--yes", "--json"])).json<{ counts: Record<string, number>; stays: { what: string; names: string[] }[] }>();
    assert.ok((erased.counts["obras"] ?? 0) === 1 && (erased.counts["obra_versions"] ?? 0) >= 1 && (erased.counts["slots"] ?? 0) >= 1, JSON.stringify(erased.counts));
    assert.deepEqual(erased.stays.find(({ what }) => what === "submissions")?.names, ["dga/OB-0602-8"]);
    assert.notEqual((await here(["dga", "slots", "OB-0602-8"])).code, 0, "there is no such work any more");
    await ok(["dga", "run"]);
    await ok(["dga", "verify"]);
    const pack = join(folder, "evidence.zip");
    await ok(["audit", "pack", "--work", "OB-0602-7", "--from", slot, "--to", slotEnd, "--out", pack]);
    assert.match((await ok(["audit", "verify", pack])).out, /dga\/OB-0602-7 .*1 accepted/);
    await stop();
    const ports = await portsOf(folder);
    try {
      for (const name of ["obras", "obra_versions", "slots", "slot_touches", "slot_horizons"]) assert.equal(await (await ports.documents.collection<object>({ name, tenant: true })).count({ clients: ["neighbour"] }), 0, name);
      const ledger = await ports.documents.collection<{ work: string; seq: number; entry: { seq: number; previous: string; hash: string } }>({ name: "ledger", tenant: false, indexes: [["work", "seq"]] });
      const chain = (await ledger.find(systemScope, { where: { work: "dga/OB-0602-8" }, orderBy: "seq" })).items.map(({ body }) => body.entry);
      assert.ok(chain.length >= 3);
      for (const [at, { seq, previous }] of chain.entries()) assert.deepEqual([seq, at === 0 ? previous : chain[at - 1]?.hash], [at + 1, previous]);
    } finally {
      await ports.close();
    }
    await assert.rejects(startCaudal(folder, FREE, { CAUDAL_DGA_MODE: "sandbox" }), /ended with [1-9][^]*the ledger holds submissions to the regulators/);
  });

  test("a restore makes the rows of slots anew from the ledger, and what was restored sends nothing until a person says so", async () => {
    interface Row {
      readonly client: string;
      readonly standing: string;
      readonly seq: number;
    }
    const row = async (data: string, change?: (body: Row) => Row): Promise<Row> => {
      const ports = await portsOf(data);
      try {
        const rows = await ports.documents.collection<Row>({ name: "slots", tenant: true });
        const stored = (await rows.find(systemScope, { limit: 1000 })).items.find(({ body: { standing } }) => standing !== "expected");
        assert.ok(stored !== undefined);
        if (change !== undefined) await rows.putMany(systemScope, [{ id: stored.id, body: change(stored.body) }]);
        return stored.body;
      } finally {
        await ports.close();
      }
    };
    const before = await row(folder, (body) => ({ ...body, standing: "ready", seq: 1 }));
    assert.match(before.standing, /accepted|verified/);
    const [backups, copy] = [join(folder, "kept"), join(folder, "copy")];
    const { name } = (await ok(["backup", "create", "--to", backups, "--json"])).json<{ name: string }>();
    await ok(["backup", "restore", name, "--from", backups, "--into", copy]);
    assert.equal((await row(folder)).standing, "ready", "the backup holds the row as it was spoilt");
    assert.deepEqual(await row(copy), before);
    caudal = await startCaudal(copy, FREE, { CAUDAL_DGA_MODE: "live", CAUDAL_DGA_URL: regulators[0]?.baseUrls.dga ?? "" });
    const shown = await run(["dga", "switch", "--data", copy]);
    assert.equal(shown.code, 1);
    assert.match(shown.out, /these data come from a backup/);
    await stop();
  });
});
