import assert from "node:assert/strict";
import { test } from "node:test";
import { all, exampleSpec, mine, opened, type DocumentsFactory } from "./harness.ts";

const body = { client: "mine", name: "a" };

export function writingTests(factory: DocumentsFactory): void {
  test("what is written is there after the store was closed, with version, nested values and blob", async (context) => {
    const { examples, reopen } = await opened(context, factory);
    const rich = { client: "mine", name: "ñandú \u0000 “x”", nested: { list: [1, null, { deep: true }] }, total: 999_999_999_999.999 };
    await examples.insert(mine, { id: "a/1", body: rich, blob: Uint8Array.of(0, 255, 7) });
    const again = await reopen();
    const stored = await again.get(mine, "a/1");
    assert.deepEqual(stored?.body, rich);
    assert.equal(stored?.version, 1);
    assert.deepEqual([...(stored?.blob ?? [])], [0, 255, 7]);
  });

  test("a second insert of an id fails, and changes nothing", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.insert(mine, { id: "1", body });
    await assert.rejects(examples.insert(mine, { id: "1", body: { ...body, name: "b" } }), { code: "duplicate-key" });
    assert.equal((await examples.get(mine, "1"))?.body.name, "a");
  });

  test("a declared unique key is held by insert and replace, and not enforced where a field is absent or null", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.insert(mine, { id: "1", body: { ...body, code: "x" } });
    await assert.rejects(examples.insert(mine, { id: "2", body: { ...body, code: "x" } }), { code: "duplicate-key" });
    await examples.insert(mine, { id: "2", body: { ...body, code: null } });
    await examples.insert(mine, { id: "3", body });
    await examples.insert(mine, { id: "4", body });
    await assert.rejects(examples.replace(mine, { id: "3", body: { ...body, code: "x" } }, 1), { code: "duplicate-key" });
    await examples.insert(all, { id: "5", body: { ...body, client: "theirs", code: "x" } });
  });

  test("of many who replace the same version one wins and the others are told", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.insert(mine, { id: "1", body });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => examples.replace(mine, { id: "1", body: { ...body, name: `w${index}` } }, 1)));
    const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
    assert.equal(won.length, 1);
    for (const outcome of outcomes) if (outcome.status === "rejected") assert.equal((outcome.reason as { code?: string }).code, "version-conflict");
    assert.deepEqual((await examples.get(mine, "1"))?.version, 2);
    assert.equal((await examples.get(mine, "1"))?.body.name, won[0]?.value.body.name);
  });

  test("a replace that leaves the blob out takes it away", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.insert(mine, { id: "1", body, blob: Uint8Array.of(1) });
    await examples.replace(mine, { id: "1", body }, 1);
    assert.equal((await examples.get(mine, "1"))?.blob, undefined);
  });

  test("replace and remove of what is not there, or moved on", async (context) => {
    const { examples } = await opened(context, factory);
    await assert.rejects(examples.replace(mine, { id: "1", body }, 1), { code: "version-conflict" });
    assert.equal(await examples.remove(mine, "1"), false);
    assert.equal(await examples.remove(mine, "1", 1), false);
    await examples.insert(mine, { id: "1", body });
    await examples.replace(mine, { id: "1", body }, 1);
    await assert.rejects(examples.remove(mine, "1", 1), { code: "version-conflict" });
    assert.equal(await examples.remove(mine, "1", 2), true);
    assert.equal(await examples.get(mine, "1"), undefined);
  });

  test("putMany writes whatever is there and counts versions on", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.putMany(mine, []);
    await examples.putMany(mine, [{ id: "1", body }, { id: "2", body, blob: new Uint8Array(100_000).fill(3) }]);
    await examples.putMany(mine, [{ id: "2", body: { ...body, name: "b" } }, { id: "3", body }]);
    const stored = await examples.getMany(mine, ["3", "2", "nobody", "1"]);
    assert.deepEqual(stored.map(({ id, version, body: { name } }) => [id, version, name]), [["3", 1, "a"], ["2", 2, "b"], ["1", 1, "a"]]);
  });

  test("a thousand writers at once are all kept", async (context) => {
    const { examples, reopen } = await opened(context, factory);
    await Promise.all(Array.from({ length: 1000 }, (_, index) => examples.insert(mine, { id: `w${index}`, body: { ...body, size: index } })));
    assert.equal(await (await reopen()).count(mine), 1000);
  });

  test("what is put back has the version it had, whatever is there", async (context) => {
    const { examples, reopen } = await opened(context, factory);
    await examples.insert(mine, { id: "1", body: { ...body, name: "newer" } });
    await examples.restoreMany(all, [{ id: "1", version: 7, body, blob: Uint8Array.of(1) }, { id: "2", version: 1, body: { ...body, client: "theirs" } }]);
    await examples.restoreMany(all, []);
    const again = await reopen();
    const stored = await again.getMany(all, ["1", "2"]);
    assert.deepEqual(stored.map(({ id, version, body: { client, name } }) => [id, version, client, name]), [["1", 7, "mine", "a"], ["2", 1, "theirs", "a"]]);
    assert.deepEqual([...(stored[0]?.blob ?? [])], [1]);
    assert.equal((await again.replace(mine, { id: "1", body }, 7)).version, 8);
    await again.restoreMany(mine, [{ id: "1", version: 3, body }]);
    assert.equal((await again.get(mine, "1"))?.version, 3);
    assert.equal((await again.get(mine, "1"))?.blob, undefined);
    await assert.rejects(again.restoreMany(mine, [{ id: "2", version: 1, body }]), { code: "forbidden" });
    for (const version of [0, 1.5]) await assert.rejects(again.restoreMany(mine, [{ id: "3", version, body }]), { code: "bad-request" });
  });

  test("collections that were ever declared are told, with or without a spec at hand", async (context) => {
    const harness = await factory();
    const spec = exampleSpec();
    const plain = exampleSpec({ tenant: false });
    let documents = await harness.open();
    context.after(async () => {
      await documents.close();
      await harness.dispose();
    });
    await documents.collection(spec);
    await documents.collection(plain);
    await documents.close();
    documents = await harness.open();
    const own = (await documents.collections()).filter(({ name }) => name === spec.name || name === plain.name);
    assert.deepEqual(own, [{ name: spec.name, tenant: true }, { name: plain.name, tenant: false }].sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  test("one refused write of many that come together takes none of the others with it", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.insert(mine, { id: "1", body });
    const outcomes = await Promise.allSettled([examples.insert(mine, { id: "0", body }), examples.insert(mine, { id: "1", body }), examples.insert(mine, { id: "2", body })]);
    assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    assert.equal(await examples.count(mine), 3);
  });

  test("bodies and blobs have a limit", async (context) => {
    const { examples } = await opened(context, factory);
    await assert.rejects(examples.insert(mine, { id: "1", body: { ...body, name: "x".repeat(1024 * 1024) } }), { code: "too-large" });
    await assert.rejects(examples.insert(mine, { id: "1", body, blob: new Uint8Array(8 * 1024 * 1024 + 1) }), { code: "too-large" });
    await examples.insert(mine, { id: "1", body, blob: new Uint8Array(8 * 1024 * 1024) });
  });

  test("declaring again is harmless, and an index that is new in the spec works from then on", async (context) => {
    const spec = exampleSpec({ indexes: [] });
    const { documents, examples } = await opened(context, factory, spec);
    await examples.insert(mine, { id: "1", body });
    await assert.rejects(examples.find(mine, { where: { name: "a" } }), { code: "bad-request" });
    const grown = await documents.collection<typeof body>({ ...spec, indexes: [["name"]] });
    assert.equal((await grown.find(mine, { where: { name: "a" } })).items.length, 1);
  });
}
