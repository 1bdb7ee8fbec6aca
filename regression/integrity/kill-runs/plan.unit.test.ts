import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFaults } from "@caudal/runtime";
import { catalogueOf, readCatalogue, serviceOf } from "./catalogue.ts";
import { faultsText, needsNewInstallation, planOf, seedOf } from "./plan.ts";

const services = ["caudal"];
const catalogue = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`processor/step-${index}/before`, 1 + index * 3]));
const plans = (series: string, runs: number) => Array.from({ length: runs }, (_, index) => planOf(seedOf(series, index), catalogue, services));

test("a seed is the same fault each time, and other series are others", () => {
  assert.deepEqual(plans("a", 40), plans("a", 40));
  assert.notDeepEqual(plans("a", 40).map(({ first }) => first), plans("b", 40).map(({ first }) => first));
});

test("a series as long as there are points, and a sixth more for moments, misses none", () => {
  const firsts = plans("a", 72).map(({ first }) => first);
  const points = new Set(firsts.flatMap((first) => (first.kind === "point" ? [first.point] : [])));
  assert.equal(points.size, 60);
  assert.equal(firsts.filter(({ kind }) => kind === "moment").length, 12);
});

test("an arrival is one that a run came to, and some runs are killed twice", () => {
  const all = plans("c", 300);
  for (const { first, second } of all) {
    for (const fault of [first, second]) if (fault?.kind === "point") assert.ok(fault.arrival >= 1 && fault.arrival <= catalogue[fault.point]!, `${fault.point}@${fault.arrival}`);
  }
  const twice = all.filter(({ second }) => second !== undefined).length;
  assert.ok(twice > 30 && twice < 150, String(twice));
});

test("a point that only a first run comes to gets one", () => {
  const learned = catalogueOf(new Map([["a/x/before", 6], ["a/y/before", 3]]), new Map([["a/x/before", 6], ["a/y/before", 12], ["a/z/before", 1]]), 2);
  assert.deepEqual(learned, { "a/x/before": 0, "a/y/before": 4, "a/z/before": 1 });
  const plan = planOf("s-1", { "a/x/before": 0 }, services);
  assert.deepEqual(plan.first, { kind: "point", point: "a/x/before", arrival: 1 });
  assert.ok(needsNewInstallation(plan, { "a/x/before": 0 }));
  assert.ok(!needsNewInstallation(plan, { "a/x/before": 2 }));
});

test("what a process is told reads back as the point and the arrival", () => {
  const fault = { kind: "point", point: "archiver/consumer.commit(archiver-points)/after", arrival: 3 } as const;
  assert.deepEqual(parseFaults(faultsText("s-1", fault)), { seed: "s-1", under: fault.point, arrival: 3 });
  assert.deepEqual(parseFaults(faultsText("s-1", { kind: "moment", service: "caudal", afterMs: 5 })), { seed: "s-1", under: "none" });
  assert.deepEqual(parseFaults(faultsText("s-1", undefined)), { seed: "s-1", under: "none" });
});

test("every service has points, before and after, around each port that it writes to", () => {
  const names = Object.keys(readCatalogue("embedded"));
  const ports: Readonly<Record<string, readonly string[]>> = {
    collector: ["log.publish(caudal.readings)", "log.publish(caudal.devices)", "log.publish(caudal.parked)", "http.answer", "mqtt.puback", "dropfolder.claim", "dropfolder.read", "dropfolder.publish", "dropfolder.move", "dropfolder.close", "documents.insert(idempotent-answers)"],
    processor: ["log.publish(caudal.points)", "log.publish(caudal.measurements)", "documents.insert(points)", "documents.insert(devices)", "documents.putMany(mapping-devices)", "documents.putMany(judging-points)", "documents.replace(processor-heads)", "consumer.commit(processor-mapping)", "consumer.commit(processor-judging)", "consumer.handle(processor-hot)", "tier.write(hot)", "tier.write(warm)"],
    archiver: ["segments.put", "consumer.commit(archiver-readings)", "consumer.commit(archiver-points)", "tier.write(cold)", "consumer.handle(archiver-cold)"],
    analytics: ["consumer.handle(analytics-rollups)", "documents.insert(rollup-marks)"],
    business: ["log.publish(caudal.points)", "documents.putMany(device-presence)", "documents.putMany(parked)", "documents.replace(points)", "consumer.handle(business-parked)", "consumer.handle(business-devices)", "documents.insert(tokens)"],
  };
  for (const [service, steps] of Object.entries(ports)) {
    for (const step of steps) for (const side of ["before", "after"]) assert.ok(names.includes(`${service}/${step}/${side}`), `${service}/${step}/${side}`);
  }
  assert.deepEqual([...new Set(names.map(serviceOf))].sort(), Object.keys(ports).sort());
});
