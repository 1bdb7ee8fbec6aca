import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { CaudalError, Directory, heldDevices, pointIdOf, readSaid, systemScope, writeConfigurations, type ConfigurationWritten, type DirectoryCollections, type SaidDevice } from "../index.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "caudal-configuration-"));
});
after(() => rm(folder, { recursive: true, force: true }));

let serial = 0;
async function fresh(): Promise<{ directory: Directory; close(): Promise<void> }> {
  const documents = await openEmbeddedDocuments({ directory: join(folder, String(++serial)) });
  return { directory: await Directory.open(documents), close: () => documents.close() };
}

const well: SaidDevice = { client: "acme", device: "well", keys: [{ key: "q", variable: "flow" }, { key: "n", channel: "b", variable: "level" }], points: [{ settings: [{ pulseFactorL: 10 }] }, { channel: "b", limits: { level: [{ max: 5 }] } }] };
const barometer: SaidDevice = { client: "acme", device: "baro", keys: [{ key: "p", variable: "barometric_pressure", unit: "hPa" }], feeds: [{ key: "p", point: pointIdOf("acme", "well") }] };
const options = { by: "Ana", atUs: 1_700_000_000_000_000, mayRemove: async () => false };

async function write(collections: DirectoryCollections, said: readonly SaidDevice[]): Promise<readonly ConfigurationWritten[]> {
  const held = await heldDevices(collections, systemScope, said);
  return writeConfigurations(collections, said.map((one, index) => ({ read: readSaid(one), seen: held[index]?.tag ?? null })), options);
}

/** The same collections, whose n-th write finds the store away. */
function failingAt(collections: DirectoryCollections, nth: number): { collections: DirectoryCollections; writes(): number } {
  let writes = 0;
  const failing = <T extends object>(collection: T): T => new Proxy(collection, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]): Promise<unknown> => {
        if ((name === "insert" || name === "replace") && ++writes === nth) throw new CaudalError("unavailable", "the store is away");
        return Reflect.apply(member, target, given) as unknown;
      };
    },
  });
  return { collections: { clients: failing(collections.clients), devices: failing(collections.devices), points: failing(collections.points) }, writes: () => writes };
}

async function everything({ collections }: Directory): Promise<unknown[]> {
  const pages = await Promise.all([collections.clients, collections.devices, collections.points].map((each) => each.find(systemScope, { limit: 100 })));
  return pages.flatMap(({ items }) => items.map(({ id, body }) => [id, body]));
}

test("wherever writing ends, writing again completes it, and no point is written twice", async () => {
  const whole = await fresh();
  const counted = failingAt(whole.directory.collections, -1);
  assert.deepEqual((await write(counted.collections, [barometer, well])).map(({ outcome }) => outcome), ["applied", "applied"]);
  const wanted = await everything(whole.directory);
  const total = counted.writes();
  await whole.close();
  assert.ok(total >= 6, String(total));
  for (let nth = 1; nth <= total; nth++) {
    const { directory, close } = await fresh();
    await assert.rejects(write(failingAt(directory.collections, nth).collections, [barometer, well]), { code: "unavailable" });
    const held = await heldDevices(directory.collections, systemScope, [barometer, well]);
    for (const one of held) for (const { point } of one?.device?.body.entries ?? []) assert.ok(await directory.collections.points.get(systemScope, point), "a key never feeds a point that is not there");
    const again = await write(directory.collections, [barometer, well]);
    assert.ok(again.every(({ outcome }) => outcome === "applied" || outcome === "unchanged"), `write ${nth}`);
    assert.deepEqual(await everything(directory), wanted, `write ${nth}`);
    assert.deepEqual((await write(directory.collections, [barometer, well])).map(({ outcome }) => outcome), ["unchanged", "unchanged"]);
    await close();
  }
});

test("what machines note meanwhile is no conflict and stays; what people say meanwhile is", async () => {
  const { directory, close } = await fresh();
  const { collections } = directory;
  await write(collections, [well]);
  const [seen] = await heldDevices(collections, systemScope, [well]);
  const id = pointIdOf("acme", "well");
  const note = async (): Promise<void> => {
    const stored = await collections.points.get(systemScope, id);
    assert.ok(stored);
    await collections.points.replace(systemScope, { id, body: { ...stored.body, unpublished: false, feeders: ["other"] } }, stored.version);
  };
  await note();
  const changed: SaidDevice = { ...well, points: [{ name: "Pozo", settings: [{ pulseFactorL: 10 }, { validFrom: "2024-01-01T00:00:00Z", pulseFactorL: 1 }] }, { channel: "b" }] };
  const [written] = await writeConfigurations(collections, [{ read: readSaid(changed), seen: seen?.tag ?? null }], { ...options, by: "Eva", reason: "a new meter" });
  assert.equal(written?.outcome, "applied");
  const point = (await collections.points.get(systemScope, id))?.body;
  assert.deepEqual([point?.feeders, point?.unpublished, point?.revision, point?.changedBy], [["other"], true, 2, "Eva"]);
  assert.deepEqual(point?.settings?.map(({ changedBy, reason }) => [changedBy, reason]), [["Ana", undefined], ["Eva", "a new meter"]], "who said what still holds is still told");

  await directory.configure(id, { name: "De otra persona" }, { scope: systemScope, by: "Luz", atUs: options.atUs });
  const [late] = await writeConfigurations(collections, [{ read: readSaid(well), seen: written?.tag ?? null }], options);
  assert.deepEqual([late?.outcome, late?.began, (await collections.points.get(systemScope, id))?.body.name], ["conflict", false, "De otra persona"]);
  await close();
});

test("a point or key that changes between the look and the write is a conflict, and keeps what the other said", async () => {
  const { directory, close } = await fresh();
  await write(directory.collections, [well]);
  const id = pointIdOf("acme", "well");
  const during = async (collection: "points" | "devices", meanwhile: () => Promise<unknown>, said: SaidDevice): Promise<ConfigurationWritten | undefined> => {
    let isFirst = true;
    const [held] = await heldDevices(directory.collections, systemScope, [well]);
    const target = directory.collections[collection];
    const slow = new Proxy(target, {
      get(of, name) {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]): Promise<unknown> => {
          if (name === "replace" && isFirst) {
            isFirst = false;
            await meanwhile();
          }
          return Reflect.apply(member, of, given) as unknown;
        };
      },
    });
    const [one] = await writeConfigurations({ ...directory.collections, [collection]: slow }, [{ read: readSaid(said), seen: held?.tag ?? null }], options);
    return one;
  };
  const learned = await during("devices", () => directory.learnKeys("acme", "well", { keys: [{ key: "x", unit: null }], atUs: 1 }), { ...well, keys: [{ key: "q", variable: "flow", unit: "m3/h" }] });
  assert.equal(learned?.outcome, "conflict");
  assert.deepEqual((await directory.device("acme", "well"))?.body.entries.map(({ key, unit }) => [key, unit]), [["q", "L/s"], ["n", "m"], ["x", ""]]);
  const renamed = await during("points", () => directory.configure(id, { name: "Otro" }, { scope: systemScope, by: "Luz", atUs: 1 }), { ...well, points: [{ name: "Mío" }] });
  const point = await directory.collections.points.get(systemScope, id);
  assert.deepEqual([renamed?.outcome, renamed?.began, point?.body.name], ["conflict", true, "Otro"]);
  await close();
});
