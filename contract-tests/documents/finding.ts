import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DocumentCollection, FindQuery, Scope } from "@caudal/core";
import { all, mine, opened, type DocumentsFactory, type Example } from "./harness.ts";

/** Ids of every page, in order. */
async function everyId(examples: DocumentCollection<Example>, scope: Scope, query: FindQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await examples.find(scope, cursor === undefined ? query : { ...query, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

const document = (id: string, rest: Partial<Example> = {}): { id: string; body: Example } => ({ id, body: { client: "mine", name: "n", ...rest } });

export function findingTests(factory: DocumentsFactory): void {
  test("equality, half-open ranges and order, by declared indexes", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.putMany(mine, [document("a", { size: 3, active: true }), document("b", { size: 1, active: true }), document("c", { size: 2, active: false }), document("d", { size: 2, active: true })]);
    assert.deepEqual(await everyId(examples, mine, { orderBy: "size" }), ["b", "c", "d", "a"]);
    assert.deepEqual(await everyId(examples, mine, { orderBy: "size", descending: true }), ["a", "d", "c", "b"]);
    assert.deepEqual(await everyId(examples, mine, { where: { active: true }, orderBy: "size" }), ["b", "d", "a"]);
    assert.deepEqual(await everyId(examples, mine, { range: { field: "size", from: 2, to: 3 } }), ["c", "d"]);
    assert.deepEqual(await everyId(examples, mine, { where: { client: "mine" }, range: { field: "size", from: 2 }, orderBy: "size", descending: true }), ["a", "d", "c"]);
    assert.equal(await examples.count(mine, { active: true }), 3);
  });

  test("absent and null are one, come first, and can be asked for", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.putMany(mine, [document("a", { size: 0 }), document("b", { size: null }), document("c")]);
    assert.deepEqual(await everyId(examples, mine, { orderBy: "size", limit: 1 }), ["b", "c", "a"]);
    assert.deepEqual(await everyId(examples, mine, { orderBy: "size", descending: true, limit: 1 }), ["a", "c", "b"]);
    assert.deepEqual(await everyId(examples, mine, { where: { size: null } }), ["b", "c"]);
  });

  test("what no index answers, and cursors that no page gave, are refused", async (context) => {
    const { examples } = await opened(context, factory);
    for (const query of [{ where: { unknown: 1 } }, { where: { name: "n" }, orderBy: "size" }, { orderBy: "code" }, { range: { field: "active", from: 1 }, orderBy: "size" }, { where: { "a') --": 1 } }]) {
      await assert.rejects(examples.find(mine, query as FindQuery), { code: "bad-request" }, JSON.stringify(query));
    }
    for (const cursor of ["", "x", Buffer.from("[1]").toString("base64url"), Buffer.from("[{},1]").toString("base64url")]) {
      await assert.rejects(examples.find(mine, { cursor }), { code: "bad-request" }, cursor);
    }
    for (const limit of [0, 1001, 1.5]) await assert.rejects(examples.find(mine, { limit }), { code: "bad-request" });
  });

  test("paging is stable while others write: no document twice, none left out that was there", async (context) => {
    const { examples } = await opened(context, factory);
    await examples.putMany(mine, Array.from({ length: 50 }, (_, index) => document(`d${String(index).padStart(2, "0")}`, { size: index % 5 })));
    const seen: string[] = [];
    let cursor: string | undefined;
    let round = 0;
    do {
      const page = await examples.find(mine, { orderBy: "size", limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
      await examples.insert(mine, document(`new${round++}`, { size: -1 }));
    } while (cursor !== undefined);
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.filter((id) => id.startsWith("d")).length, 50);
  });

  test("any documents page the same as they sort", async (context) => {
    const { examples } = await opened(context, factory);
    const some = fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-z]{1,4}$/), size: fc.option(fc.integer({ min: -3, max: 3 })) }), { selector: ({ id }) => id, maxLength: 20 });
    await fc.assert(fc.asyncProperty(some, fc.boolean(), fc.integer({ min: 1, max: 5 }), async (rows, descending, limit) => {
      for (const id of await everyId(examples, all, {})) await examples.remove(all, id);
      await examples.putMany(mine, rows.map(({ id, size }) => document(id, { size })));
      const rank = (size: number | null): number => size ?? Number.NEGATIVE_INFINITY;
      const byId = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
      const sorted = [...rows].sort((a, b) => (rank(a.size) === rank(b.size) ? byId(a.id, b.id) : rank(a.size) - rank(b.size))).map(({ id }) => id);
      assert.deepEqual(await everyId(examples, mine, { orderBy: "size", descending, limit }), descending ? sorted.reverse() : sorted);
    }), { numRuns: 25 });
  });
}
