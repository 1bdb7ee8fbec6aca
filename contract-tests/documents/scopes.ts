import assert from "node:assert/strict";
import { test } from "node:test";
import { all, exampleSpec, mine, opened, type DocumentsFactory, type Opened } from "./harness.ts";

const theirs = { client: "theirs", name: "t", size: 1 };

async function withTheirs(open: Promise<Opened>): Promise<Opened> {
  const all2 = await open;
  await all2.examples.insert(all, { id: "t", body: theirs });
  await all2.examples.insert(mine, { id: "m", body: { client: "mine", name: "m", size: 1 } });
  return all2;
}

export function scopeTests(factory: DocumentsFactory): void {
  test("a scope sees nothing of other clients", async (context) => {
    const { examples } = await withTheirs(opened(context, factory));
    assert.equal(await examples.get(mine, "t"), undefined);
    assert.deepEqual((await examples.getMany(mine, ["t", "m"])).map(({ id }) => id), ["m"]);
    assert.deepEqual((await examples.find(mine, { orderBy: "size" })).items.map(({ id }) => id), ["m"]);
    assert.deepEqual([await examples.count(mine), await examples.count(all), await examples.count({ clients: [] })], [1, 2, 0]);
    assert.deepEqual((await examples.find({ clients: ["mine", "theirs"] }, {})).items.map(({ id }) => id), ["m", "t"]);
  });

  test("a scope changes nothing of other clients", async (context) => {
    const { examples } = await withTheirs(opened(context, factory));
    const stolen = { client: "mine", name: "stolen" };
    await assert.rejects(examples.insert(mine, { id: "x", body: theirs }), { code: "forbidden" });
    await assert.rejects(examples.replace(mine, { id: "t", body: theirs }, 1), { code: "forbidden" });
    await assert.rejects(examples.replace(mine, { id: "t", body: stolen }, 1), { code: "version-conflict" });
    await assert.rejects(examples.putMany(mine, [{ id: "t", body: stolen }]), { code: "forbidden" });
    await assert.rejects(examples.insert(mine, { id: "t", body: stolen }), { code: "duplicate-key" });
    assert.equal(await examples.remove(mine, "t"), false);
    assert.deepEqual((await examples.get(all, "t"))?.body, theirs);
  });

  test("only all clients together may touch what belongs to the installation", async (context) => {
    const { examples } = await opened(context, factory, exampleSpec({ tenant: false, unique: [] }));
    await examples.insert(all, { id: "1", body: { client: "", name: "a" } });
    await assert.rejects(examples.get(mine, "1"), { code: "forbidden" });
    await assert.rejects(examples.find(mine, {}), { code: "forbidden" });
    await assert.rejects(examples.insert(mine, { id: "2", body: { client: "mine", name: "b" } }), { code: "forbidden" });
  });
}
