import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { CaudalError, erasureCollection, systemScope, type ErasureRecord, type SeriesTier, type TierName } from "@caudal/core";
import { noteErasure } from "@caudal/runtime";
import type { Codec, Measurement } from "@caudal/schemas";
import { conservationOperations, readConservation, type Conservation } from "./operations.ts";
import { TierScene } from "./test-scene.ts";

function inScene(name: string, run: (scene: TierScene) => Promise<void>): void {
  test(name, async (context) => run(await TierScene.open(context)));
}

const tierNames = ["hot", "warm", "cold"] as const;

async function sinks(scene: TierScene, except?: TierName): Promise<void> {
  for (const name of tierNames) if (name !== except) await scene.sink(name);
}

/** The same tier, with its writes done by another. */
function tierThat(tier: SeriesTier, write: SeriesTier["write"]): SeriesTier {
  return { ...tier, name: tier.name, capabilities: tier.capabilities, write, read: tier.read.bind(tier), latest: tier.latest.bind(tier), digest: tier.digest.bind(tier), floor: tier.floor.bind(tier), raiseFloor: tier.raiseFloor.bind(tier), eraseClient: tier.eraseClient.bind(tier), close: tier.close.bind(tier) };
}

inScene("what stands in every tier as the log says is found equal, whatever is killed, raised or slow meanwhile", async (scene) => {
  const watch = scene.watch();
  for (let round = 0; round < 4; round++) {
    for (const name of tierNames) await scene.sink(name, { crashes: true });
    await scene.publish(6, 5);
    await watch.round();
    await scene.drained();
    await watch.round();
    for (const name of tierNames) await scene.stop(name);
  }
  await sinks(scene, "cold");
  await scene.publish(6, 4, { ageS: 60 });
  await watch.round();
  await scene.tiers.hot.raiseFloor(systemScope, { client: "acme", point: "p1" }, (Date.now() - 30_000) * 1000);
  await watch.round();
  await scene.sink("cold");
  await scene.publish(3, 1, { ageS: 40 * 24 * 3600 });
  await scene.publish(3, 1, { facts: [{ variable: "flow", value: null, flag: 2, reasons: ["withdrawn"] }] });
  await scene.drained();
  await watch.round();
  await watch.round();
  assert.deepEqual(await scene.found(), []);
  assert.equal(watch.health().status, "ok");
  assert.ok((await scene.metrics.sum("caudal_conservation_compared_points_total", { outcome: "equal" })) > 20);
  const { lines } = await readConservation(scene);
  const cold = lines.filter(({ group }) => group === "archiver-cold");
  assert.deepEqual(lines.filter(({ residual, inFlight }) => residual !== 0 || inFlight !== 0), []);
  assert.equal(cold.reduce((sum, line) => sum + line.in, 0), 2 * (6 * 5 * 4 + 6 * 4 + 3) + 3);
});

inScene("a tier that acknowledges a fact and does not store it", async (scene) => {
  await sinks(scene, "warm");
  let lost = 0;
  await scene.sink("warm", {
    tier: tierThat(scene.tiers.warm, async (batch) => {
      const kept = lost > 0 ? batch : batch.map((one, at): Measurement => (at === 0 ? { ...one, facts: one.facts.slice(1) } : one));
      const result = await scene.tiers.warm.write(kept);
      return lost++ > 0 ? result : { ...result, stored: result.stored + 1 };
    }),
  });
  await scene.publish(4, 3);
  await scene.drained();
  const watch = scene.watch();
  await watch.start();
  await scene.until("it is found by itself", async () => (await scene.found()).length > 0);
  await watch.stop(1000);
  assert.deepEqual(await scene.found(), [["tiers", "processor-warm", 1]]);
  const [finding] = await scene.findings.open();
  assert.match(finding?.body.detail ?? "", /^warm lacks 1 facts that the log holds, the first flow of point p\d at 20/);
  await scene.watch().round();
  assert.equal((await scene.findings.open()).length, 1, "another watch knows of it");
});

inScene("a tier whose facts go from its file after it had stored them", async (scene) => {
  await sinks(scene);
  // What is written later makes the tier put what it has into blocks.
  for (let write = 0; write < 3; write++) {
    await scene.publish(3, 4);
    await scene.drained();
  }
  const watch = scene.watch();
  await watch.round();
  assert.deepEqual(await scene.found(), []);
  await scene.stop("cold");
  await scene.reopen("cold", (file) => {
    const db = new DatabaseSync(file);
    const { changes } = db.prepare("DELETE FROM blocks WHERE point_id = (SELECT id FROM points WHERE point = 'p2')").run();
    db.close();
    assert.ok(Number(changes) > 0);
  });
  await scene.sink("cold");
  await scene.watch().round();
  assert.deepEqual((await scene.found()).map(([check, group]) => [check, group]), [["tiers", "archiver-cold"]]);
});

inScene("a fact that another tier holds of the same day and that is no longer among the newest of the log", async (scene) => {
  await sinks(scene);
  await scene.publish(1, 300);
  await scene.drained();
  await scene.stop("warm");
  const rows = [];
  for await (const block of scene.tiers.warm.read(systemScope, { client: "acme", point: "p0", fromUs: 0, toUs: Infinity, limit: 1 })) rows.push(...block.timesUs);
  await scene.tiers.warm.write([{
    eventId: "x", client: "acme", point: "p0", device: "", channel: "", source: "", transport: "", instantUs: rows[0]!, observedAtUs: null, receivedAtUs: Date.now() * 1000, authority: 1,
    knownAtUs: Date.now() * 1000 + 5e6, causeId: "", facts: [{ variable: "flow", value: 77, flag: 1, reasons: [] }], labels: {},
  }]);
  await scene.sink("warm");
  await scene.watch().round();
  assert.deepEqual(await scene.found(), [["tiers", "archiver-cold", 1], ["tiers", "processor-hot", 1]]);
});

inScene("a tier that cannot be asked, or whose group is far behind, is left out, and the others are looked at", async (scene) => {
  await sinks(scene);
  await scene.publish(3, 3);
  await scene.drained();
  const away = tierThat(scene.tiers.warm, scene.tiers.warm.write);
  const refuse = async (): Promise<never> => Promise.reject(new CaudalError("unavailable", "away"));
  const watch = scene.watch({ ...scene.tiers, warm: { ...away, floor: refuse, digest: refuse } });
  await watch.round();
  assert.deepEqual(await scene.found(), []);
  await scene.tiers.hot.eraseClient("acme");
  await watch.round();
  assert.deepEqual([...new Set((await scene.found()).map(([, group]) => group))], ["processor-hot"]);
  assert.equal(watch.health().status, "ok");
  await watch.round();
  assert.match(watch.health().detail ?? "", /hot lacks/);
});

inScene("a client whose data goes, or went, from the tiers is no loss; what comes after is looked at again", async (scene) => {
  await sinks(scene);
  await scene.publish(2, 3);
  await scene.drained();
  const noted = await noteErasure(scene.documents, "acme", Date.now() * 1000);
  const watch = scene.watch();
  await scene.tiers.hot.eraseClient("acme");
  await watch.round();
  await scene.tiers.warm.eraseClient("acme");
  await watch.round();
  await scene.tiers.cold.eraseClient("acme");
  await noted.ended(Date.now() * 1000);
  await watch.round();
  assert.deepEqual(await scene.found(), []);
  const erasures = await scene.documents.collection<ErasureRecord>(erasureCollection);
  await erasures.insert(systemScope, { id: "other", body: { client: "other", state: "erased", requestedAtUs: 1, by: "admin", endedAtUs: 2, counts: {} } });
  await watch.round();
  assert.deepEqual(await scene.found(), []);
});

inScene("a group that reads fewer facts than the others from the same records", async (scene) => {
  await sinks(scene, "warm");
  const { codec } = scene;
  let read = 0;
  const blind = {
    decode: (name: "Measurement", bytes: Uint8Array) => {
      const decoded = codec.decode(name, bytes);
      return decoded.ok && read++ === 5 ? { ...decoded, value: { ...decoded.value, facts: decoded.value.facts.slice(1) } } : decoded;
    },
    encode: codec.encode.bind(codec), learn: codec.learn.bind(codec),
  } as unknown as Codec;
  await scene.sink("warm", { codec: blind });
  await scene.publish(4, 20);
  await scene.drained();
  await scene.watch().round();
  const found = await scene.findings.open();
  assert.ok(found.some(({ body }) => body.check === "agreement" && body.group === "processor-warm" && body.missing === 1));
  assert.ok(found.every(({ body }) => body.group === "processor-warm"), "nobody else is blamed");
});

inScene("people see the lines and what was found, and close what they looked at", async (scene) => {
  await sinks(scene);
  await scene.publish(1, 2);
  await scene.drained();
  await scene.findings.report({ check: "agreement", group: "processor-warm", topic: "caudal.measurements", partition: 0, fromOffset: 0, toOffset: 16, missing: 2, detail: "two" });
  const [get, close] = conservationOperations("/api/v1/archiver", scene);
  const answer = (await get!.handle({} as never)) as { status: number; body: Conservation };
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.findings.map(({ check, missing, fromOffset }) => [check, missing, fromOffset]), [["agreement", 2, 0]]);
  assert.equal(answer.body.lines.filter(({ group }) => group === "archiver-cold").reduce((sum, line) => sum + line.in, 0), 4);
  const id = answer.body.findings[0]!.id;
  assert.deepEqual(await close!.handle({ params: { id } } as never), { status: 204 });
  await assert.rejects(async () => close!.handle({ params: { id: "none" } } as never), { code: "not-found" });
  assert.deepEqual((await readConservation(scene)).findings, []);
});
