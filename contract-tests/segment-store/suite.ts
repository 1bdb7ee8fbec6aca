import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { hasCode, type SegmentStore } from "@caudal/core";

/** What the suite needs of an adapter; one harness serves one test, over a store of its own that begins empty. */
export interface SegmentStoreHarness {
  open(): Promise<SegmentStore>;
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array | undefined): string | undefined => found && new TextDecoder().decode(found);
const sha = (found: Uint8Array | undefined): string => createHash("sha256").update(found ?? "").digest("hex");

/** The meaning of the port SegmentStore, as tests of one adapter. */
export function segmentStoreSuite(name: string, factory: () => Promise<SegmentStoreHarness>): void {
  const scene = (body: (store: SegmentStore, reopen: () => Promise<SegmentStore>) => Promise<void>) => async (): Promise<void> => {
    const harness = await factory();
    let store = await harness.open();
    const reopen = async (): Promise<SegmentStore> => {
      await store.close();
      store = await harness.open();
      return store;
    };
    try {
      await body(store, reopen);
    } finally {
      await store.close();
      await harness.dispose();
    }
  };

  describe(`SegmentStore: ${name}`, () => {
    test("what was put is there, byte for byte, also after the store was opened again", scene(async (store, reopen) => {
      const large = randomBytes(3 * 1024 * 1024);
      await store.put("raw/day=2026-01-31/p0_100.zst", large);
      await store.put("empty", new Uint8Array());
      const view = large.subarray(5, 25);
      await store.put("view", view);
      for (const again of [store, reopen]) {
        const now = typeof again === "function" ? await again() : again;
        assert.equal(sha(await now.get("raw/day=2026-01-31/p0_100.zst")), sha(large));
        assert.deepEqual([...((await now.get("view")) ?? [])], [...view]);
        assert.equal((await now.get("empty"))?.length, 0);
        assert.equal(await now.get("nothing"), undefined);
        assert.equal(await now.get("raw/day=2026-01-31"), undefined);
      }
    }));

    test("a segment never changes: the same bytes again are no error, other bytes are", scene(async (store) => {
      await store.put("a/b", bytes("one"));
      await store.put("a/b", bytes("one"));
      await assert.rejects(store.put("a/b", bytes("two")), (error) => hasCode(error, "duplicate-key"));
      await assert.rejects(store.put("a/b", bytes("one and more")), (error) => hasCode(error, "duplicate-key"));
      assert.equal(text(await store.get("a/b")), "one");
    }));

    test("of puts of one name at once with different bytes one wins and the others are told", scene(async (store) => {
      const contents = Array.from({ length: 6 }, (_, i) => `content ${i}`);
      const results = await Promise.allSettled(contents.map((content) => store.put("contested", bytes(content))));
      const won = results.flatMap((result, at) => (result.status === "fulfilled" ? [contents[at]] : []));
      assert.equal(won.length, 1);
      assert.equal(text(await store.get("contested")), won[0]);
      for (const result of results) if (result.status === "rejected") assert.ok(hasCode(result.reason, "duplicate-key"));
    }));

    test("names are listed in order, by prefix, and by pages without a gap", scene(async (store) => {
      const names = ["a", "a.b", "a/0", "a/b/1", "a/b/2", "a=b/x", "ab/1", "b/2026-01/1", "b/2026-02/1", "b/2026-02/2", "b/2026-10/1"].sort();
      for (const each of [...names].reverse().filter((one) => one !== "a")) await store.put(each, bytes(each));
      const there = names.filter((one) => one !== "a");
      assert.deepEqual(await store.list(""), there);
      for (const prefix of ["a", "a/", "a/b", "a/b/", "b/2026-0", "b/2026-02/", "zz", "b/2026-02/2", "q/"]) {
        assert.deepEqual(await store.list(prefix), there.filter((each) => each.startsWith(prefix)), prefix);
      }
      const paged: string[] = [];
      for (let page = await store.list("", undefined, 3); page.length > 0; page = await store.list("", page.at(-1), 3)) {
        assert.ok(page.length <= 3);
        paged.push(...page);
      }
      assert.deepEqual(paged, there);
      assert.deepEqual(await store.list("b/", "b/2026-02/1"), ["b/2026-02/2", "b/2026-10/1"]);
    }));

    test("what was removed is gone, and removing it again is no error", scene(async (store, reopen) => {
      await store.put("a/1", bytes("1"));
      await store.put("a/2", bytes("2"));
      await store.remove("a/1");
      await store.remove("a/1");
      const again = await reopen();
      assert.equal(await again.get("a/1"), undefined);
      assert.deepEqual(await again.list(""), ["a/2"]);
      await again.put("a/1", bytes("other"));
      assert.equal(text(await again.get("a/1")), "other");
    }));

    test("what cannot be a name is refused", scene(async (store) => {
      const wrong = ["", "/a", "a/", "a//b", "..", "a/../b", ".", "A", "a b", "ñ", "a\\b", "a\u0000", "+a", `${"x".repeat(201)}`, "x/".repeat(300) + "x"];
      for (const each of wrong) {
        await assert.rejects(store.put(each, bytes("x")), (error) => hasCode(error, "bad-request"), each);
        await assert.rejects(store.get(each), (error) => hasCode(error, "bad-request"), each);
        await assert.rejects(store.remove(each), (error) => hasCode(error, "bad-request"), each);
      }
      await assert.rejects(store.list("../"), (error) => hasCode(error, "bad-request"));
      await assert.rejects(store.list("A"), (error) => hasCode(error, "bad-request"));
      assert.deepEqual(await store.list(""), []);
    }));

    test("a closed store refuses", scene(async (store) => {
      await store.close();
      await store.close();
      for (const call of [store.put("a", bytes("x")), store.get("a"), store.list(""), store.remove("a")]) await assert.rejects(call, (error) => hasCode(error, "closed"));
    }));
  });
}
