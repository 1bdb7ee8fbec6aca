import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { HOUR_US, openDeskScene, us, type DeskScene } from "../../compliance/desk/test-scene.ts";
import type { Obra } from "../../compliance/obras/obra.ts";
import { run, type Ran, type RunOptions } from "../test-parts/captured.ts";
import { until } from "../test-parts/until.ts";

const SLOT = us("2026-06-11T17:00:00Z");
const good = { flow: 15, total: 1010, depth: 9.8 };

let scene: DeskScene;
let folder: string;
let serial = 0;
before(async () => {
  scene = await openDeskScene();
  folder = await mkdtemp(join(tmpdir(), "caudal-dga-"));
});
after(async () => {
  await scene.close();
  await rm(folder, { recursive: true, force: true });
});

const dga = (words: readonly string[], options?: RunOptions): Promise<Ran> => run(["dga", ...words, "--url", scene.baseUrl], options);
async function well(): Promise<Obra> {
  const obra = await scene.work({ code: `OB-0605-${++serial}`, centreRut: "76543210-3" });
  await scene.rows(obra, SLOT - 3 * HOUR_US, SLOT + 2 * HOUR_US);
  return obra;
}

describe("caudal dga", () => {
  test("status and slots as tables and JSON; exit 1 while something needs a person", async () => {
    const obra = await well();
    await scene.freeze(obra, SLOT, good);
    const quiet = await dga(["status", "--client", "acme"]);
    assert.equal(quiet.code, 0, quiet.error);
    assert.match(quiet.out, new RegExp(`${obra.work} +live +never +2026-06-11 15:00 +0/5 +0 +3`));
    assert.match(quiet.out, /1 works in 2026-06: 0 of 5 accepted.*\na rehearsal: .*\nsending is on/);
    await scene.hold(obra, SLOT - HOUR_US, good, ["zero-total"]);
    const waiting = await dga(["status", "--lang", "es"]);
    assert.equal(waiting.code, 1);
    assert.match(waiting.out, /1 instantes esperan a una persona/);
    assert.equal((await dga(["status", "--json"])).json<{ totals: { review: number } }>().totals.review, 1);
    const slots = await dga(["slots", obra.code]);
    assert.match(slots.out, /2026-06-11 13:00 +ready +15 L\/s 1010 m3 9\.8 m/);
    assert.match(slots.out, /2026-06-11 12:00 +held .* zero-total/);
    assert.match((await dga(["slots", obra.work, "--from", "2026-06-11T13:00", "--to", "2026-06-11T14:00"])).out, /^2026-06-11 13:00 +ready[^\n]*\n$/);
    assert.match((await dga(["ledger", obra.code, "--slot", "2026-06-11T13:00"])).out, /^1 .* freezer +2026-06-11 13:00 +frozen 1 +[0-9a-f]{12}\n$/);
    assert.match((await dga(["ledger", obra.code, "--limit", "1"])).out, /→ --after 1/);
    await dga(["review", "confirm", obra.code, "2026-06-11T16:00Z", "--reason", "new meter"]);
  });

  test("plan, run, run --watch to the end, verify", async () => {
    const obra = await well();
    for (const back of [0, 1]) await scene.freeze(obra, SLOT - back * HOUR_US, good);
    const plan = await dga(["plan"]);
    assert.equal(plan.code, 0, plan.error);
    assert.match(plan.out, new RegExp(`${obra.work} +2 +2026-06-11 12:00 +2026-06-11 14:30 +2026-06-11 14:35 \\(5 min 0 s\\)`));
    assert.equal((await dga(["run", "--dry-run"])).out, plan.out);
    const first = await dga(["run", obra.code]);
    assert.equal(first.code, 0, first.error);
    assert.match(first.out, /^1 accepted, 0 refused, 0 unknown of 1 sent; /);
    scene.clock.atUs += 6 * 60_000_000;
    const watched = await dga(["run", obra.code, "--watch"], { columns: 120 });
    assert.equal(watched.code, 0, watched.error);
    assert.match(watched.out, /nothing waits any more/);
    assert.equal(scene.sandbox.stored({ codigoObra: obra.code }).length, 2);
    const verified = await dga(["verify", obra.code]);
    assert.deepEqual([verified.code, verified.out], [0, "2 looked up: 2 verified, 0 different, 0 not found, 0 without an answer\n"]);
    assert.equal((await dga(["verify"])).code, 0);
  });

  test("Ctrl-C leaves a watch, and the switch that is off ends it with the next step", async () => {
    const obra = await well();
    for (const back of [0, 1]) await scene.freeze(obra, SLOT - back * HOUR_US, good);
    const signals = new EventEmitter();
    const watching = dga(["run", obra.code, "--watch"], { signals, columns: 120 });
    await until("it has begun", () => scene.sandbox.stored({ codigoObra: obra.code })[0]);
    await until("it waits", async () => ((await scene.call("GET", "/plan")).body.works.find(({ work }: { work: string }) => work === obra.work)?.waiting === 1 ? true : undefined));
    signals.emit("SIGINT");
    const left = await watching;
    assert.equal(left.code, 130);
    assert.match(left.out, /1 of 2 sent \| 5 min 0 s left \| next send 2026-06-11 14:\d\d/);
    const off = await dga(["switch", "off", "--reason", "regulator asked"]);
    assert.match(off.out, /sending is off \(by local, .*: regulator asked\)\n→ npx caudal dga switch on/);
    assert.equal((await dga(["switch"])).code, 1);
    for (const words of [["run", obra.code], ["run", obra.code, "--watch"], ["verify", obra.code], ["plan"], ["status"]]) {
      const { code, out } = await dga(words);
      assert.equal(code, 1, words.join(" "));
      assert.match(out, /sending is off/, words.join(" "));
    }
    assert.equal((await dga(["switch", "on"])).code, 2);
    assert.equal((await dga(["switch", "on", "--reason", "they said yes"])).code, 0);
    assert.equal((await dga(["switch"])).code, 0);
  });

  test("review: what waits with its neighbours; confirm, annul, edit by one and approved by another", async () => {
    const obra = await well();
    await scene.freeze(obra, SLOT - HOUR_US, good);
    for (const slotUs of [SLOT, SLOT - 2 * HOUR_US]) await scene.hold(obra, slotUs, { flow: 30, total: 1010 }, ["beyond-right", "level-required"]);
    const listed = await dga(["review", "--lang", "es"]);
    assert.equal(listed.code, 1, listed.error);
    assert.match(listed.out, new RegExp(`${obra.work} 2026-06-11 13:00 +Pozo 7 +held +Sobre el derecho de aprovechamiento; Falta el nivel freático\\n`));
    assert.match(listed.out, / +2026-06-11 12:00 +15 L\/s 1010 m3 9\.8 m +ready\n +2026-06-11 13:00 +30 L\/s 1010 m3 +← medido\n/);
    assert.match(listed.out, /no se puede confirmar así: Falta el nivel freático \(depthM\)/);
    const refused = await dga(["review", "confirm", obra.code, "2026-06-11T13:00", "--reason", "so"]);
    assert.deepEqual([refused.code, refused.error.includes("cannot be sent as they are")], [2, true]);
    assert.match((await dga(["review", "annul", obra.code, "2026-06-11T11:00", "--reason", "probe out"])).out, /2026-06-11 11:00: annulled/);
    const proposed = await dga(["review", "edit", obra.code, "2026-06-11T13:00", "--depth", "9.85", "--code", "missing-value", "--reason", "read on site"]);
    assert.equal(proposed.code, 0, proposed.error);
    assert.match((await dga(["review", "ls"])).out, /edit by local waits for a second person: 9\.85 m \(read on site\)/);
    const own = await dga(["review", "approve", obra.code, "2026-06-11T13:00", "--reason", "so"]);
    assert.deepEqual([own.code, own.error.includes("→ Ask somebody with a token of their own")], [2, true]);
    const other = ["--token", scene.token("compliance", "all")];
    assert.match((await dga(["review", "approve", obra.code, "2026-06-11T13:00", "--reason", "seen", ...other])).out, /approved, frozen/);
    assert.deepEqual(await dga(["review", "ls"]).then(({ code, out }) => [code, out]), [0, "none\n"]);
    assert.equal((await dga(["review", "edit", obra.code, "2026-06-11T13:00", "--flow", "12", "--reason", "x"])).code, 2);
    assert.equal((await dga(["review", "edit", obra.code, "2026-06-11T13:00", "--flow", "31", "--reason", "x", ...other])).code, 0);
    assert.match((await dga(["review", "decline", obra.code, "2026-06-11T13:00", "--reason", "no"])).out, /declined/);
  });

  test("stop, resume, write off", async () => {
    const obra = await well();
    assert.match((await dga(["stop", obra.code, "--reason", "meter away"])).out, /nothing is sent for it/);
    assert.match((await dga(["status"])).out, /stopped: meter away/);
    assert.equal((await dga(["stop", obra.code, "--reason", "again"])).code, 1);
    assert.match((await dga(["resume", obra.code, "--reason", "back"])).out, /sent for again/);
    assert.match((await dga(["write-off", obra.code, "2026-06-11T13:00", "--reason", "no power"])).out, /2026-06-11 13:00: written off/);
  });

  test("works out to a file and in again, with a preview of what changes; passwords never as an argument", async () => {
    const obra = await well();
    const file = join(folder, "obras.csv");
    assert.match((await dga(["obras"])).out, new RegExp(`${obra.work} +acme +Pozo 7 +mayor +groundwater +live +flow=p7\\.flow`));
    assert.equal((await dga(["obras", "export", file])).code, 0);
    assert.equal((await stat(file)).mode & 0o077, 0);
    const csv = await readFile(file, "utf8");
    assert.ok((await dga(["obras", "export"])).out.includes(obra.code));
    await writeFile(file, csv.replaceAll("Pozo 7", "Pozo siete"));
    const dry = await dga(["obras", "import", file, "--dry-run"]);
    assert.equal(dry.code, 0, dry.error);
    assert.match(dry.out, /Pozo 7 → Pozo siete/);
    assert.match(dry.out, /would be written: 0 new, \d+ changed.*\nnothing was written/);
    assert.equal((await dga(["obras", "import", "-", "--reason", "renamed"], { input: () => Readable.from([csv.replaceAll("Pozo 7", "Pozo ocho")]) })).code, 0);
    assert.match((await dga(["obras", "ls"])).out, /Pozo ocho/);
    await writeFile(file, csv.replaceAll("groundwater", "mud"));
    assert.equal((await dga(["obras", "import", file])).code, 1);
    const password = join(folder, "password");
    await writeFile(password, "synthetic-2\n");
    assert.equal((await dga(["credentials", "set", "dga", "11111111-1", "--password-file", password])).code, 0);
    assert.equal((await dga(["credentials", "set", "dga", "11111111-1"], { input: () => Readable.from(["synthetic-3\n"]) })).code, 0);
    assert.deepEqual((await scene.credentials.get("dga", "11111111-1"))?.password, "synthetic-3");
    assert.equal((await dga(["credentials", "set", "dga", "11111111-1"], { input: () => Readable.from(["\n"]) })).code, 2);
    const listed = await dga(["credentials"]);
    assert.ok(listed.out.includes("11111111-1") && !listed.out.includes("synthetic"));
    assert.equal((await dga(["credentials", "forget", "dga", "11111111-1"])).code, 0);
    assert.equal((await dga(["credentials", "set", "dga"])).code, 2);
  });

  test("what another system sent, in parts, with the lines that were refused", async () => {
    const obra = await scene.work({ code: `OB-0605-${++serial}` });
    const file = join(folder, "sent.csv");
    const lines = Array.from({ length: 240 }, (_, at) => `${obra.code},${new Date((SLOT - at * HOUR_US) / 1000).toISOString()},V-${at},old platform`);
    await writeFile(file, ["obra,instant,voucher,source", ...lines, ...Array.from({ length: 1900 }, () => lines[0]), `${obra.code},never,V,old platform`, ""].join("\n"));
    const dry = await dga(["import", file, "--dry-run"]);
    assert.equal(dry.code, 1, dry.error);
    assert.match(dry.out, /^line 2142 .*never\nwould record 240 slots/);
    const real = await dga(["import", file, "--json"]);
    assert.deepEqual([real.code, real.json<{ imported: number }>().imported], [1, 240]);
    assert.match((await dga(["import", file], { columns: 80 })).out, /0 slots recorded as sent earlier; 2140 were so already, 1 could not be/);
  });

  test("what was not written as the usage says: exit 2, with the usage", async () => {
    for (const words of [["slots"], ["slots", "a/b/c"], ["slots", "OB-0602-7", "--from", "noon"], ["stop", "OB-0602-7"], ["write-off", "OB-0602-7", "--reason", "x"], ["review", "lower"], ["review", "edit", "OB-0602-7", "2026-06-11T13:00", "--reason", "x"],
      ["review", "edit", "OB-0602-7", "2026-06-11T13:00", "--reason", "x", "--flow", "-1"], ["switch", "maybe"], ["obras", "import"], ["import"]]) {
      const { code, error } = await dga(words);
      assert.equal(code, 2, words.join(" "));
      assert.match(error, /caudal dga/, words.join(" "));
    }
    const gone = await dga(["slots", "OB-0101-77", "--lang", "es"]);
    assert.deepEqual([gone.code, gone.error.includes("No existe esa obra")], [1, true]);
  });
});

describe("caudal audit", () => {
  test("verify reads a file without an installation, and says what is wrong", async () => {
    const file = join(folder, "no.zip");
    await writeFile(file, "this is no pack");
    const { code, out } = await run(["audit", "verify", file]);
    assert.equal(code, 1);
    assert.match(out, /✗ zip .*\n[^]*findings: something is not as it was written/);
    assert.equal((await run(["audit", "verify", file, "--json"])).json<{ ok: boolean }>().ok, false);
    assert.equal((await run(["audit", "verify", folder])).code, 1);
    assert.equal((await run(["audit", "verify"])).code, 2);
    assert.equal((await run(["audit", "verify", join(folder, "nowhere.zip")])).code, 3);
    assert.equal((await run(["audit", "pack", "--work", "OB-0602-7"])).code, 2);
  });
});
