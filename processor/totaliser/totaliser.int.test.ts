import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationBody, decisionCollection, pointIdOf, systemScope, topics, type DecisionRecord } from "@caudal/core";
import type { PointEvent } from "@caudal/schemas";
import { openStation, reading, S, T0, until } from "../test-station.ts";
import { wordBody } from "./word.ts";

const H = 3600;

test("pulses become a volume, a reset is listed once, and a person's word computes what followed anew", async (context) => {
  const station = await openStation();
  context.after(() => station.close());
  await station.start();
  const point = pointIdOf("acme", "w-07");
  const pointEvent = (eventId: string, kind: string, body: string, atS: number): PointEvent => ({
    eventId, client: "acme", point, kind, device: "", channel: "", source: "business", transport: "", observedAtUs: null, receivedAtUs: T0 + atS * S, causeId: eventId, causePartition: -1, causeOffset: -1,
    samples: [], withdrawn: [], body, labels: {},
  });
  const tell = (event: PointEvent): Promise<void> => station.publish(topics.points, { key: point, value: station.codec.encode("PointEvent", event) });
  const volumes = async (): Promise<unknown[]> => {
    const held = new Map<number, { value: number | null; knownAtUs: number }>();
    for (const { instantUs, knownAtUs, facts } of await station.measurements()) {
      for (const { variable, value } of facts) if (variable === "volume" && knownAtUs >= (held.get(instantUs)?.knownAtUs ?? 0)) held.set(instantUs, { value, knownAtUs });
    }
    return [...held].sort(([a], [b]) => a - b).map(([instantUs, { value }]) => [(instantUs - T0) / S, value]);
  };
  const settings = [{ validFromUs: null, values: { pulseFactorL: 100 }, changedAtUs: T0, changedBy: "Ana" }];

  await station.send(reading("w-07", 0, { pulses: 1000 }), reading("w-07", 5 * H, { pulses: 600 }));
  await station.settled();
  await tell(pointEvent("c1", "configuration", configurationBody({ variables: {}, settings }), 6 * H));
  await until("the volumes are told", async () => JSON.stringify(await volumes()) === JSON.stringify([[0, 100], [5 * H, 160]]));
  const decisions = await station.documents.collection<DecisionRecord>(decisionCollection);
  const standing = async (): Promise<unknown[]> => (await decisions.find(systemScope, { where: { point }, orderBy: "instantUs" })).items.map(({ body: { kind, state, count, said } }) => [kind, state, count, said]).sort();
  assert.deepEqual(await standing(), [["reset", "made", 600, false]]);

  await tell(pointEvent("w1", "decision", wordBody({ variable: "pulses", timeUs: T0 + 5 * H * S, verdict: "ignore", author: "Ana", reason: "the logger was being repaired" }), 7 * H));
  await until("what followed is told anew", async () => JSON.stringify(await volumes()) === JSON.stringify([[0, 100], [5 * H, 100]]));
  await until("the decision is gone", async () => JSON.stringify(await standing()) === JSON.stringify([["ignored", "made", 600, true], ["reset", "gone", 600, false]]));
});
