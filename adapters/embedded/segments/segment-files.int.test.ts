import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { segmentStoreSuite } from "@caudal/contract-tests";
import { hasCode } from "@caudal/core";
import { openFileSegments } from "./segment-files.ts";

segmentStoreSuite("files", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-segments-"));
  return { open: () => openFileSegments(directory), dispose: () => rm(directory, { recursive: true }) };
});

test("a draft that a kill left behind is never listed and goes at the next open", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-segments-"));
  try {
    await mkdir(join(directory, "+drafts"), { recursive: true });
    await writeFile(join(directory, "+drafts", "half"), "half a seg");
    const store = await openFileSegments(directory);
    assert.deepEqual(await readdir(join(directory, "+drafts")), []);
    await store.put("day=2026-01-01/a", new Uint8Array([1]));
    assert.deepEqual(await readdir(join(directory, "+drafts")), []);
    assert.deepEqual(await store.list(""), ["day=2026-01-01/a"]);
    await store.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a name below a segment, or a segment where others lie below, is refused and leaves nothing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-segments-"));
  try {
    const store = await openFileSegments(directory);
    await store.put("a/b", new Uint8Array([1]));
    await assert.rejects(store.put("a/b/c", new Uint8Array([1])), (error) => hasCode(error, "duplicate-key"));
    await assert.rejects(store.put("a", new Uint8Array([1])), (error) => hasCode(error, "duplicate-key"));
    assert.deepEqual(await readdir(join(directory, "+drafts")), []);
    assert.deepEqual(await store.list(""), ["a/b"]);
    await store.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("what the disk refuses is unavailable, not gone", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-segments-"));
  try {
    const store = await openFileSegments(directory);
    // Two links that lead to each other: an error of the file system that every user meets, root too.
    await symlink(join(directory, "one"), join(directory, "two"));
    await symlink(join(directory, "two"), join(directory, "one"));
    const calls = [() => store.get("one"), () => store.put("one", new Uint8Array([1])), () => store.get("one/below"), () => store.list("one/")];
    for (const call of calls) {
      await assert.rejects(call(), (error) => hasCode(error, "unavailable"));
    }
    await store.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
