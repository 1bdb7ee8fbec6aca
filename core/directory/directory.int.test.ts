import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { systemScope } from "../access/principal.ts";
import { Directory } from "./directory.ts";
import { feedingDevices, feedingKeys } from "./point-feed.ts";
import { pointIdOf } from "./point-id.ts";
import { limitPeriodsOf } from "./point-limits.ts";
import type { PointRecord } from "./records.ts";

const keys = (...names: readonly string[]): { key: string; unit: null }[] => names.map((key) => ({ key, unit: null }));
const point = pointIdOf("acme", "w-07");
const person = { scope: systemScope, by: "Ana", atUs: 5000 };

async function open(context: TestContext): Promise<Directory> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-directory-"));
  const documents = await openEmbeddedDocuments({ directory: folder });
  context.after(async () => {
    await documents.close();
    await rm(folder, { recursive: true, force: true });
  });
  return Directory.open(documents);
}

const auto = (...names: readonly string[]): { by: "auto"; keys: { key: string; unit: null }[]; labels: Record<string, string>; atUs: number } =>
  ({ by: "auto", keys: keys(...names), labels: { credit: "DAIAD" }, atUs: 1000 });

test("adopting makes client, point and device, once however many do it together", async (context) => {
  const directory = await open(context);
  const adopted = await Promise.all(Array.from({ length: 6 }, () => directory.adopt("acme", "w-07", auto("caudal", "nivel"))));
  assert.ok(adopted.every(({ version, body }) => version === 1 && body.entries.length === 2));
  const { clients, points } = directory.collections;
  assert.deepEqual((await clients.get(systemScope, "acme"))?.body, { client: "acme", name: "Acme", createdAtUs: 1000 });
  const stored = (await points.get(systemScope, point))?.body;
  assert.deepEqual([stored?.name, stored?.adoptedBy, stored?.labels, stored?.createdAtUs], ["w-07", "auto", { credit: "DAIAD" }, 1000]);
  assert.equal(await points.count(systemScope), 1);
  assert.deepEqual((await directory.adopt("acme", "w-07", auto("ph"))).body.entries.length, 2, "an active one stays as it is");
});

test("keys are learned by many at once and none is lost or doubled", async (context) => {
  const directory = await open(context);
  await directory.adopt("acme", "w-07", auto());
  await Promise.all(["a", "b", "c", "d", "e", "f"].map((key) => directory.learnKeys("acme", "w-07", { keys: keys(key, "caudal"), atUs: 2000 })));
  const { entries, directoryVersion } = (await directory.device("acme", "w-07"))?.body ?? assert.fail();
  assert.deepEqual(entries.map(({ key }) => key).sort(), ["a", "b", "c", "caudal", "d", "e", "f"]);
  assert.equal(directoryVersion, 7);
  assert.equal(await directory.learnKeys("acme", "nobody", { keys: keys("a"), atUs: 1 }), undefined);
});

test("a device that waits is listed with its keys, and becomes active when somebody adopts it", async (context) => {
  const directory = await open(context);
  await directory.noteWaiting("acme", "w-07", { keys: keys("caudal"), labels: {}, atUs: 1000 });
  await directory.noteWaiting("acme", "w-07", { keys: keys("caudal", "nivel"), labels: {}, atUs: 1001 });
  const waiting = (await directory.device("acme", "w-07"))?.body;
  assert.deepEqual([waiting?.state, waiting?.keysSeen, waiting?.directoryVersion], ["waiting", ["caudal", "nivel"], 1]);
  assert.equal((await directory.learnKeys("acme", "w-07", { keys: keys("ph"), atUs: 1 }))?.version, 2, "nothing is learned while it waits");
  const adopted = await directory.adopt("acme", "w-07", { ...auto(), by: "person", atUs: 900 });
  assert.deepEqual([adopted.body.state, adopted.body.keysSeen, adopted.body.directoryVersion, adopted.body.changedAtUs], ["active", [], 2, 1001]);
  assert.equal((await directory.noteWaiting("acme", "w-07", { keys: keys("ph"), labels: {}, atUs: 1 })).body.state, "active");
});

/** By variable, of a point whose limits all hold from the first reading. */
const limitsOf = (body: PointRecord): unknown => Object.fromEntries(limitPeriodsOf(body).map(({ variable, validFromUs, values }) => [variable, validFromUs === null ? values : assert.fail()]));

test("a person's change: name, limits and meaning in one, and versions decide between two people", async (context) => {
  const directory = await open(context);
  await directory.adopt("acme", "w-07", auto("caudal", "nivel"));
  const change = { name: " Pozo 7 ", periodS: 900, variables: [{ key: "caudal", unit: "m3/h", min: 0.5, max: 40 }, { key: "nivel", flatLineS: 60 }] };
  const { point: stored, device, remapped } = await directory.configure(point, change, { ...person, expectedRevision: 1 });
  assert.deepEqual([stored.body.revision, stored.body.name, stored.body.periodS, stored.body.changedBy, stored.body.unpublished], [2, "Pozo 7", 900, "Ana", true]);
  assert.deepEqual(limitsOf(stored.body), { flow: { min: 0.5, max: 40 }, level: { flatLineS: 60 } });
  assert.deepEqual(remapped, ["acme/w-07"]);
  assert.deepEqual([device?.body.directoryVersion, device?.body.changedAtUs], [2, 5000]);
  await assert.rejects(directory.configure(point, { name: "x" }, { ...person, expectedRevision: 1 }), { code: "version-conflict" });
  const { points } = directory.collections;
  await points.replace(systemScope, { id: point, body: { ...stored.body, unpublished: false } }, stored.version);
  assert.equal((await directory.configure(point, { name: "Pozo 7" }, { ...person, expectedRevision: 2 })).point.body.revision, 3, "what a machine notes is nobody's change");
  const cleared = await directory.configure(point, { periodS: null, variables: [{ key: "caudal", min: null, max: null }] }, person);
  assert.deepEqual([limitsOf(cleared.point.body), cleared.point.body.periodS, cleared.remapped], [{ level: { flatLineS: 60 } }, null, []]);
  assert.equal(cleared.device?.body.directoryVersion, 2);
  const same = await directory.configure(point, { variables: [{ key: "caudal", unit: "m3/h" }] }, person);
  assert.deepEqual(same.remapped, []);
});

test("two people at once without versions: both changes stand", async (context) => {
  const directory = await open(context);
  await directory.adopt("acme", "w-07", auto("caudal", "nivel"));
  await Promise.all([
    directory.configure(point, { name: "Pozo" }, person),
    directory.configure(point, { variables: [{ key: "caudal", max: 9 }] }, person),
    directory.configure(point, { variables: [{ key: "nivel", variable: "depth" }] }, person),
  ]);
  const after = (await directory.collections.points.get(systemScope, point))?.body ?? assert.fail();
  assert.deepEqual([after.name, limitsOf(after)], ["Pozo", { flow: { max: 9 } }]);
  assert.ok((await directory.device("acme", "w-07"))?.body.entries.some(({ variable }) => variable === "depth"));
});

test("a channel makes its point; another client's point cannot be fed", async (context) => {
  const directory = await open(context);
  await directory.adopt("acme", "w-07", auto("caudal", "nivel"));
  await directory.adopt("acme", "w-08", auto("caudal"));
  await directory.adopt("other", "w-09", auto("caudal"));
  await directory.configure(point, { variables: [{ key: "nivel", channel: "2" }] }, person);
  const channel = (await directory.collections.points.get(systemScope, pointIdOf("acme", "w-07", "2")))?.body;
  assert.deepEqual([channel?.name, channel?.channel, channel?.adoptedBy], ["w-07 2", "2", "person"]);
  await directory.configure(point, { variables: [{ key: "nivel", channel: "2", unit: "cm" }] }, person);
  assert.equal((await directory.collections.points.count(systemScope)), 4);
  await assert.rejects(directory.configure(point, { variables: [{ key: "caudal", point: pointIdOf("other", "w-09") }] }, person), { code: "bad-request" });
  await assert.rejects(directory.configure(point, { variables: [{ key: "nivel", max: 3 }] }, person), { code: "bad-request", why: "limits-elsewhere" });
});

test("two loggers, one well: the point knows who feeds it, and whose key a change is about", async (context) => {
  const directory = await open(context);
  for (const device of ["w-07", "w-08", "w-09"]) await directory.adopt("acme", device, auto("caudal", "ph"));
  const { points } = directory.collections;
  const wells = async (): Promise<unknown[]> => {
    const stored = (await points.get(systemScope, point))?.body ?? assert.fail();
    const devices = (await directory.devices(feedingDevices(stored))).map(({ body }) => body);
    return feedingKeys(point, devices).map(({ device, entry }) => [device, entry.key, entry.variable, entry.unit]);
  };
  const shared = await directory.configure(pointIdOf("acme", "w-08"), { variables: [{ key: "caudal", point, variable: "level", unit: "cm" }] }, person);
  assert.deepEqual(shared.remapped, ["acme/w-08"]);
  const own = [["w-07", "caudal", "flow", "L/s"], ["w-07", "ph", "ph", "pH"]];
  assert.deepEqual(await wells(), [...own, ["w-08", "caudal", "level", "cm"]]);
  const stored = (await points.get(systemScope, point))?.body;
  assert.deepEqual([stored?.feeders, stored?.revision], [["w-08"], 1], "being fed is no change by a person");

  await assert.rejects(directory.configure(point, { variables: [{ key: "caudal", max: 3 }] }, person), { code: "bad-request", why: "ambiguous-key" });
  await assert.rejects(directory.configure(point, { variables: [{ key: "caudal", device: "w-09", max: 3 }] }, person), { why: "unknown-device" });
  await assert.rejects(directory.configure(point, { variables: [{ key: "nobody", max: 3 }] }, person), { why: "unknown-key" });
  const limited = await directory.configure(point, { variables: [{ key: "caudal", device: "w-08", unit: "mm", max: 3 }, { key: "ph", max: 9 }] }, person);
  assert.deepEqual([limited.remapped, limitsOf(limited.point.body), limited.devices.map(({ id }) => id)], [["acme/w-08"], { level: { max: 3 }, ph: { max: 9 } }, ["acme/w-07", "acme/w-08"]]);
  await directory.configure(pointIdOf("acme", "w-09"), { variables: [{ key: "ph", point, variable: "ph_2" }] }, person);
  assert.deepEqual(await wells(), [...own, ["w-08", "caudal", "level", "mm"], ["w-09", "ph", "ph_2", "pH"]]);
  const back = await directory.configure(point, { variables: [{ key: "caudal", device: "w-08", channel: "" }] }, person);
  assert.deepEqual([(await wells()).length, back.point.body.feeders], [3, ["w-08", "w-09"]], "who stopped stays noted");
});

test("a point takes so many devices and no more", async (context) => {
  const directory = await open(context);
  await Promise.all(Array.from({ length: 66 }, (_, at) => directory.adopt("acme", `w-${String(at).padStart(2, "0")}`, auto("caudal"))));
  const target = pointIdOf("acme", "w-00");
  const feed = (at: number): Promise<unknown> => directory.configure(pointIdOf("acme", `w-${String(at).padStart(2, "0")}`), { variables: [{ key: "caudal", point: target }] }, person);
  await Promise.all(Array.from({ length: 8 }, (_, at) => feed(at + 1)));
  assert.equal((await directory.collections.points.get(systemScope, target))?.body.feeders.length, 8, "many at once, none lost");
  for (let at = 9; at <= 64; at++) await feed(at);
  await assert.rejects(feed(65), { code: "bad-request", why: "too-many-feeders" });
});

test("changes that cannot be are refused and leave everything as it was", async (context) => {
  const directory = await open(context);
  await directory.adopt("acme", "w-07", auto("caudal"));
  const refused = [
    { name: " " }, { name: "x".repeat(121) }, { periodS: 0 }, { variables: [{ key: "nobody", unit: "m" }] }, { variables: [{ key: "caudal", min: NaN }] },
    { variables: [{ key: "caudal", maxRatePerS: 0 }] }, { variables: [{ key: "caudal", min: 3, max: 2 }] },
  ];
  for (const change of refused) await assert.rejects(directory.configure(point, change, person), { code: "bad-request" }, JSON.stringify(change));
  assert.equal((await directory.collections.points.get(systemScope, point))?.version, 1);
  await assert.rejects(directory.configure("nowhere", {}, person), { code: "not-found" });
  await assert.rejects(directory.configure(point, { name: "x" }, { ...person, scope: { clients: ["other"] } }), { code: "not-found" });
  await directory.collections.devices.remove(systemScope, "acme/w-07");
  await assert.rejects(directory.configure(point, { variables: [{ key: "caudal", unit: "L/s" }] }, person), { code: "bad-request", message: /no device/ });
  assert.equal((await directory.configure(point, { name: "Alone" }, person)).device, undefined);
});

test("changes are found by their time, devices by their id within a scope", async (context) => {
  const directory = await open(context);
  for (const [at, client] of ["b", "a", "c"].entries()) await directory.adopt(client, "w-07", { ...auto("caudal"), atUs: 1000 + at });
  const found: string[] = [];
  for await (const { id } of directory.changedSince(1001)) found.push(id);
  assert.deepEqual(found, ["a/w-07", "c/w-07"]);
  assert.deepEqual(await directory.clientsOfDevice(systemScope, "w-07"), ["a", "b", "c"]);
  assert.deepEqual(await directory.clientsOfDevice({ clients: ["b", "z"] }, "w-07"), ["b"]);
  assert.deepEqual((await directory.devices(["c/w-07", "nobody", "a/w-07"])).map(({ id }) => id), ["c/w-07", "a/w-07"]);
});
