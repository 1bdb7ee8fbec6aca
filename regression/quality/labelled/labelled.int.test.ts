import assert from "node:assert/strict";
import { test } from "node:test";
import { missingShared } from "../data-folder.ts";
import { alarmsOf, alarmsOfPlace, limitsOf } from "./alarms.ts";
import { geccoFiles, readGecco } from "./gecco.ts";
import { readLogan } from "./logan.ts";
import { nabFiles, readNab } from "./nab.ts";

test("Logan River: with limits of its nature every labelled event is found, and false alarms are rare; with defaults nothing is called", () => {
  let events = 0;
  for (const series of readLogan()) {
    const set = alarmsOf(series, limitsOf(series, "set"));
    events += set.events.length;
    assert.deepEqual(set.events.filter(({ found }) => !found), [], series.sensor);
    assert.ok(set.falseUs.length / set.points < 0.001, `${series.sensor}: ${set.falseUs.length} of ${set.points}`);
    assert.equal(alarmsOf(series, limitsOf(series, "default")).falseUs.length, 0, series.sensor);
  }
  assert.equal(events, 5);
});

test("NAB: a series without an anomaly gives no alarm, and limits from first rows find most windows", { skip: missingShared(...nabFiles) }, () => {
  let [found, all] = [0, 0];
  for (const series of readNab()) {
    const { events, falseUs } = alarmsOf(series, limitsOf(series, "set"));
    found += events.filter((event) => event.found).length;
    all += events.length;
    if (events.length === 0) assert.deepEqual(falseUs, [], series.sensor);
  }
  assert.equal(all, 10);
  assert.ok(found >= 7, `${found} windows found`);
});

test("GECCO 2018: limits of a works' nature find seven events of ten by some sensor, with few false alarms", { skip: missingShared(...geccoFiles) }, () => {
  const sensors = readGecco().filter(({ sensor }) => ["Cl", "pH", "Redox", "Leit", "Cl_2"].includes(sensor));
  const { events, falseUs, points } = alarmsOfPlace(sensors.map((series) => alarmsOf(series, limitsOf(series, "set"))));
  assert.equal(events.length, 51);
  const found = events.filter((event) => event.found).length;
  assert.ok(found >= 36, `${found} found`);
  assert.ok(falseUs.length / points < 0.005, `${falseUs.length} of ${points}`);
});
