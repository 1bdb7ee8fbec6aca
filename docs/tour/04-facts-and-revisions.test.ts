/*
 * 4. Facts and revisions
 *
 * A fact is one variable of one point at one instant. What is known of it may change: a late sample shows that it was fine, a person corrects it, a
 * directory change takes it back. So a fact carries a revision, (authority, knownAt), and a store keeps the greatest. That one rule is why stages may
 * crash, repeat and overtake each other without harm.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { flags, systemScope, type SeriesTier } from "@caudal/core";
import { openEmbeddedTier } from "@caudal/embedded";
import type { Measurement } from "@caudal/schemas";

const instantUs = Date.parse("2026-03-01T12:00:00Z") * 1000;
const where = { client: "apr-norte", point: "pozo-1" };

function flowIs(value: number | null, revision: { authority?: number; knownAtUs: number }, reasons: readonly string[] = []): Measurement {
  return {
    ...where, eventId: "e", device: "logger", channel: "", source: "mqtt", transport: "mqtt", instantUs, observedAtUs: instantUs, receivedAtUs: instantUs,
    authority: revision.authority ?? 0, knownAtUs: revision.knownAtUs, causeId: "", facts: [{ variable: "flow", value, flag: value === null ? flags.notEvaluated : flags.good, reasons }], labels: {},
  };
}

async function flow(tier: SeriesTier, asOfUs?: number): Promise<number | undefined> {
  for await (const block of tier.read(systemScope, { ...where, fromUs: instantUs, toUs: instantUs + 1, ...(asOfUs === undefined ? {} : { asOfUs }) })) return block.columns[0]?.values[0];
  return undefined;
}

test("the greatest revision holds, in whatever order they come and however often", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-tour-"));
  const cold = await openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all" });
  context.after(async () => {
    await cold.close();
    await rm(directory, { recursive: true });
  });

  // The newer statement comes first; the older one, late, changes nothing.
  assert.equal((await cold.write([flowIs(12.5, { knownAtUs: 200 })])).stored, 1);
  assert.equal((await cold.write([flowIs(12.0, { knownAtUs: 100 })])).superseded, 1);
  assert.equal((await cold.write([flowIs(12.5, { knownAtUs: 200 })])).duplicate, 1);
  assert.equal(await flow(cold), 12.5);

  // A person's word is greater than anything computed, even what is computed later.
  await cold.write([flowIs(13.1, { authority: 1, knownAtUs: 300 })]);
  await cold.write([flowIs(12.5, { knownAtUs: 400 })]);
  assert.equal(await flow(cold), 13.1);

  // Cold keeps every revision, so it can say what was known then.
  assert.equal(await flow(cold, 250), 12.5);
  assert.equal(await flow(cold, 150), 12.0);

  // A fact is taken back by a revision without a value: readers see nothing there.
  await cold.write([flowIs(null, { authority: 1, knownAtUs: 500 }, ["withdrawn"])]);
  assert.equal(await flow(cold), undefined);
});
