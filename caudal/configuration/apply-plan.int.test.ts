import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pointIdOf } from "@caudal/core";
import { openScene, type Scene } from "../../business/test-scene.ts";
import { ApiClient } from "../commandline/api-client.ts";
import { sayIn } from "../commandline/say.ts";
import { applyPlan, checkPlan, type AppliedPlan } from "./apply-plan.ts";
import { makePlan, type Plan } from "./plan.ts";
import { readFiles } from "./read-files.ts";
import { givenFiles } from "./yaml-files.ts";

const speaking = { say: sayIn("en"), language: "en" } as const;
const W7 = pointIdOf("acme", "w-07");

interface Desk {
  readonly scene: Scene;
  /** Files compared with the service. */
  plan(prune?: boolean, isWhole?: boolean): Promise<Plan>;
  apply(plan: Plan, prune?: boolean): Promise<AppliedPlan>;
  file(text: string, name?: string): Promise<void>;
  setting(values: object): Promise<void>;
  settings(point?: string): Promise<unknown>;
}

async function openDesk(context: TestContext): Promise<Desk> {
  const scene = await openScene();
  const folder = await mkdtemp(join(tmpdir(), "caudal-apply-"));
  context.after(async () => {
    await scene.close();
    await rm(folder, { recursive: true, force: true });
  });
  const token = await scene.token("operator", "all");
  const api = new ApiClient({ baseUrl: scene.baseUrl, token, ...speaking });
  return {
    scene,
    file: (text, name = "a.yaml") => writeFile(join(folder, name), text),
    plan: async (prune = false, isWhole = true) => {
      const read = await readFiles((await givenFiles([folder], speaking.say)).files, speaking);
      assert.deepEqual(read.told, []);
      return makePlan(read, { ...speaking, api, prune, isWhole, includes: () => true, tick: () => undefined });
    },
    apply: (plan, prune = false) => applyPlan(plan, { ...speaking, api, prune, reason: "test", tick: () => undefined }),
    setting: async (values) => {
      assert.equal((await scene.call("PUT", `/api/v1/points/${W7}/config`, { body: { settings: [{ values }] } })).status, 200);
    },
    settings: async (point = W7) => (await scene.get(`/api/v1/points/${point}`)).body.settings.map(({ values, changedBy, reason }: { values: object; changedBy: string; reason?: string }) => [values, changedBy, reason]),
  };
}

const text = (settings: string, rest = ""): string => `caudal-configuration: 1\nclient: acme\ndevice: w-07\nkeys:\n  - { key: caudal, variable: flow, unit: m3/h }\n${rest}points:\n  - settings:\n      - ${settings}\n`;

test("what somebody changed meanwhile, and the files say otherwise, is a conflict and is not overwritten", async (context) => {
  const { scene, file, plan, apply, setting, settings } = await openDesk(context);
  await scene.adopt("acme", "w-07", "caudal");
  await setting({ pulseFactorL: 1 });
  await file(text("pulseFactorL: 100"));
  const decided = await plan();
  await setting({ pulseFactorL: 10 });
  const done = await apply(decided);
  assert.deepEqual([done.applied, done.conflicts.length], [0, 1]);
  assert.deepEqual(done.conflicts[0]?.now?.changes.find(({ field }) => field === "point.settings.pulseFactorL"), { kind: "changed", field: "point.settings.pulseFactorL", before: 10, after: 100 });
  assert.deepEqual(await settings(), [[{ pulseFactorL: 10 }, "local", undefined]]);
  const again = await apply(await plan());
  assert.deepEqual([again.applied, again.conflicts], [1, []]);
  assert.deepEqual(await settings(), [[{ pulseFactorL: 100 }, "operator-1", "test"]], "by the token's name, with the reason");
  const last = (await scene.audited()).findLast(({ target }) => target === "acme/w-07");
  assert.deepEqual([last?.action, last?.target, last?.by, (JSON.parse(last?.change ?? "") as { reason: string }).reason], ["configuration.apply", "acme/w-07", "operator-1", "test"]);
});

test("what somebody changed meanwhile elsewhere, and what a machine learned, is kept, and the rest is applied after comparing again", async (context) => {
  const { scene, file, plan, apply, setting, settings } = await openDesk(context);
  await scene.adopt("acme", "w-07", "caudal");
  await file(text("pulseFactorL: 100"));
  const decided = await plan();
  await setting({ sensorDepthM: 45 });
  await scene.directory.learnKeys("acme", "w-07", { keys: [{ key: "nivel", unit: "m" }], atUs: 1_700_000_001_000_000 });
  const done = await apply(decided);
  assert.deepEqual([done.applied, done.conflicts], [1, []]);
  assert.deepEqual(((await settings()) as unknown[][])[0]?.[0], { sensorDepthM: 45, pulseFactorL: 100 });
  const keys = (await scene.get(`/api/v1/points/${W7}`)).body.variables.map(({ key, sourceUnit, guessed }: { key: string; sourceUnit: string; guessed: boolean }) => [key, sourceUnit, guessed]);
  assert.deepEqual(keys.sort(), [["caudal", "m3/h", false], ["nivel", "m", true]]);
  const left = (await plan()).devices;
  assert.deepEqual(left.flatMap(({ changes }) => changes.map(({ kind, field }) => [kind, field])), [["only-here", "keys.nivel"], ["only-here", "point.settings.sensorDepthM"]]);
});

test("of many devices one that the installation refuses stops everything before anything is written", async (context) => {
  const { scene, file, plan } = await openDesk(context);
  const api = new ApiClient({ baseUrl: scene.baseUrl, ...speaking });
  for (let index = 0; index < 230; index++) await file(text("pulseFactorL: 1").replace("w-07", `d-${index}`), `${String(index).padStart(3, "0")}.yaml`);
  await file(text("pulseFactorL: 1", `feeds:\n  - { key: caudal, point: ${"z".repeat(20)} }\n  - { key: caudal, point: ${pointIdOf("acme", "d-3")}, variable: other }\n`), "feeder.yaml");
  const told = await checkPlan(await plan(), { ...speaking, api });
  assert.deepEqual(told.map(({ place: { line, column }, path, detail }) => [line, column, path.join("."), detail]), [[7, 20, "feeds.0.point", "the client has no point zzzzzzzzzzzzzzzzzzzz"]]);
  assert.equal((await scene.get("/api/v1/points")).body.items.length, 0);
});

test("an apply that ended between two requests, or between two writes, is completed by the next one", async (context) => {
  const { scene, file, plan, apply } = await openDesk(context);
  for (let index = 0; index < 130; index++) await file(text("pulseFactorL: 1").replace("w-07", `d-${index}`), `${index}.yaml`);
  const whole = await plan();
  await apply({ ...whole, devices: whole.devices.slice(0, 70) });
  const { collections } = scene.directory;
  await scene.adopt("acme", "half");
  await collections.devices.remove({ clients: "all" }, "acme/half");
  await file("caudal-configuration: 1\nclient: acme\ndevice: half\n", "half.yaml");
  const left = await plan();
  assert.deepEqual([left.devices.length, left.devices.find(({ file: { device } }) => device === "half")?.changes.map(({ field }) => field)], [61, ["device"]]);
  const done = await apply(left);
  assert.deepEqual([done.applied, done.unchanged, done.conflicts], [61, 0, []]);
  const revisions = (await scene.get("/api/v1/points?limit=1000")).body.items.map(({ version }: { version: number }) => version);
  assert.deepEqual(new Set(revisions), new Set([1]), "nothing was written twice");
  assert.deepEqual([(await plan()).devices, (await apply(left)).unchanged], [[], 61], "again changes nothing");
});

test("names of clients are compared and set too, also of a client without devices", async (context) => {
  const { file, plan, apply, scene } = await openDesk(context);
  await file("caudal-configuration: 1\nclient: acme\nname: Acme Riego\n");
  const first = await plan();
  assert.equal((await apply(first)).applied, 1);
  await file("caudal-configuration: 1\nclient: acme\nname: Acme Riego Sur\n");
  const second = await plan();
  assert.deepEqual(second.clients.map(({ seen }) => seen), ["Acme Riego"]);
  const { version, body } = (await scene.directory.collections.clients.get({ clients: "all" }, "acme")) as { version: number; body: { client: string; name: string; createdAtUs: number } };
  await scene.directory.collections.clients.replace({ clients: "all" }, { id: "acme", body: { ...body, name: "Otra" } }, version);
  assert.deepEqual((await apply(second)).conflicts.map(({ client, device }) => [client, device]), [["acme", null]]);
  assert.equal((await apply(await plan())).applied, 1);
  assert.deepEqual((await plan()).clients, []);
});
