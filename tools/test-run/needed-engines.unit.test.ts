import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { engineNames } from "../engines/engine.ts";
import { enginesIn, neededEngines, wholeInstallations } from "./needed-engines.ts";

test("a test file needs the engines that it names, if it takes any", () => {
  const takes = 'import { withEngine } from "../../../tools/engines/for-tests.ts";\n';
  assert.deepEqual(enginesIn(`${takes}withEngine("mongo", () => {}); withEngine("kafka", () => {});`), ["kafka", "mongo"]);
  assert.deepEqual(enginesIn('import { startEngine } from "../engines/start.ts";\nawait startEngine("redis");'), ["redis"]);
  assert.deepEqual(enginesIn('import { withEngine } from "./for-tests.ts";\nwithEngine("redis", () => {});'), ["redis"]);
  assert.deepEqual(enginesIn(`${takes}for (const name of names) withEngine(name, () => {});`), engineNames);
  assert.deepEqual(enginesIn(`${takes}withEngines(installationEngines, () => startEngine("redis"));`), engineNames);
  assert.deepEqual(enginesIn('import { x } from "./kafka.ts";\ntest("kafka", () => {}); "kafka";'), []);
});

test("a file that takes nearly all engines is a whole installation", () => {
  const root = join(import.meta.dirname, "..", "..");
  const files = ["regression/integrity/fleet.e2e.test.ts", "processor/fanout/refill-redis.int.test.ts", "core/packing/bucket.unit.test.ts"];
  assert.deepEqual(wholeInstallations(root, files), files.slice(0, 1));
  assert.deepEqual(neededEngines(root, files.slice(1)), ["redis"]);
});
