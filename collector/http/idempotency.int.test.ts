import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { silentLogger } from "@caudal/runtime";
import { IdempotentAnswers } from "./idempotency.ts";

const DAY_US = 24 * 3600 * 1_000_000;

test("answers are kept for a day and then forgotten", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-idempotency-"));
  const documents = await openEmbeddedDocuments({ directory });
  try {
    const answers = await IdempotentAnswers.open(documents, silentLogger);
    const body = Buffer.from("body");
    await answers.remember("a", body, { status: 202, body: { items: [1] } }, DAY_US);
    await answers.remember("a", Buffer.from("another process was first"), { status: 202, body: { items: [2] } }, DAY_US);
    assert.deepEqual(await answers.find("a", body, DAY_US + 1), { kind: "same", answer: { status: 202, body: { items: [1] } } });
    assert.deepEqual(await answers.find("a", Buffer.from("other"), DAY_US + 1), { kind: "other" });
    assert.deepEqual(await answers.find("a", body, 2 * DAY_US + 1), { kind: "new" });
    await answers.remember("a", body, { status: 202, body: { items: [3] } }, 2 * DAY_US + 1);
    assert.deepEqual(await answers.find("a", body, 2 * DAY_US + 2), { kind: "same", answer: { status: 202, body: { items: [3] } } });
    await answers.remember("b", body, { status: 202, body: {} }, 3 * DAY_US);
    await answers.sweep(3 * DAY_US + 2);
    assert.equal((await answers.find("a", body, 3 * DAY_US)).kind, "new");
    assert.equal((await answers.find("b", body, 3 * DAY_US)).kind, "same");
  } finally {
    await documents.close();
    await rm(directory, { recursive: true, force: true });
  }
});
