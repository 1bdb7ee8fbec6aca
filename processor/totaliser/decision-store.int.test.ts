import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decisionCollection, systemScope, type DecisionRecord } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { decisionIdOf } from "./decision.ts";
import { keepDecisions, type KeptDecision } from "./decision-store.ts";

function decision(knownAtUs: number, state: "made" | "gone"): KeptDecision {
  const body: DecisionRecord = { client: "acme", point: "p", variable: "pulses", instantUs: 60, kind: "reset", state, said: false, baseline: 1000, count: 4, volumeM3: 100.4, knownAtUs, causeId: `e${knownAtUs}` };
  return { id: decisionIdOf("p", "pulses", 60, "reset"), body };
}

test("a decision is kept once, as it was known last, whoever writes it again", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-decisions-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const documents = await openEmbeddedDocuments({ directory: folder });
  context.after(() => documents.close());
  const collection = await documents.collection<DecisionRecord>(decisionCollection);
  await keepDecisions(collection, [decision(1, "made")]);
  await keepDecisions(collection, [decision(1, "made")]);
  assert.equal(await collection.count(systemScope), 1);
  await keepDecisions(collection, [decision(5, "gone")]);
  await keepDecisions(collection, [decision(3, "made")]);
  const [found] = (await collection.find(systemScope, { where: { point: "p" }, orderBy: "instantUs" })).items;
  assert.deepEqual([found?.body.state, found?.body.knownAtUs, found?.version], ["gone", 5, 2]);
  await Promise.all([keepDecisions(collection, [decision(7, "made")]), keepDecisions(collection, [decision(9, "gone")])]);
  assert.equal((await collection.get(systemScope, decision(9, "gone").id))?.body.knownAtUs, 9, "of two at once the later knowledge stays");
});
