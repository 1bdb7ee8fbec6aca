import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, type Page } from "@caudal/core";
import { siftPage, type FindPage } from "./sift-page.ts";

/** A store of whole numbers whose cursor is the last one given. */
function numbers(count: number, asked: number[] = []): FindPage<number> {
  return async ({ limit, cursor }): Promise<Page<number>> => {
    asked.push(limit);
    if (cursor !== undefined && !/^\d+$/.test(cursor)) throw new CaudalError("bad-request", "no cursor");
    const from = cursor === undefined ? 0 : Number(cursor) + 1;
    const items = Array.from({ length: Math.min(limit, count - from) }, (_, at) => from + at);
    return from + items.length < count ? { items, next: String(from + items.length - 1) } : { items };
  };
}

async function walk(find: FindPage<number>, limit: number, fits?: (item: number) => boolean): Promise<number[][]> {
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const page: Page<number> = await siftPage({ limit, cursor, fits }, find);
    pages.push([...page.items]);
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

test("without a sieve it is the store's own page", async () => {
  const asked: number[] = [];
  assert.deepEqual(await walk(numbers(5, asked), 2), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(asked, [2, 2, 2]);
});

test("pages are full whatever the sieve lets through, and nothing is missed or seen twice", async () => {
  for (const [count, every, limit] of [[3000, 7, 10], [1200, 400, 2], [999, 1, 500], [500, 500, 3], [1500, 499, 1]] as const) {
    const fits = (item: number): boolean => item % every === 0;
    const pages = await walk(numbers(count), limit, fits);
    assert.deepEqual(pages.flat(), Array.from({ length: Math.ceil(count / every) }, (_, at) => at * every));
    assert.ok(pages.slice(0, -1).every((page) => page.length === limit), `${count} ${every} ${limit}`);
  }
});

test("a request looks at so many and no more; the next one goes on", async () => {
  const asked: number[] = [];
  const pages = await walk(numbers(50_001, asked), 10, (item) => item === 50_000);
  assert.deepEqual(pages, [[], [], [50_000]]);
  assert.equal(asked.length, 101);
});

test("a cursor that no page gave is told as such, any other failure as it is", async () => {
  await assert.rejects(siftPage({ limit: 1, cursor: "x" }, numbers(3)), { code: "invalid-cursor", status: 400 });
  await assert.rejects(siftPage({ limit: 1, cursor: "1" }, async () => { throw new CaudalError("unavailable", "down"); }), { code: "unavailable" });
});
