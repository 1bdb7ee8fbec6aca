import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findProvider, providers } from "./providers.ts";
import { checkFixture } from "./test-parts/check-fixture.ts";
import { fixturesOf } from "./test-parts/fixture.ts";

const ran = new Map<string, number>();
const traps = new Set<number>();

for (const provider of providers) {
  const fixtures = await fixturesOf(provider);
  describe(`${provider.id}: fixtures`, () => {
    test("there are some", () => { assert.ok(fixtures.length > 0); });
    for (const [name, fixture] of fixtures) {
      const title = `${provider.id}: ${fixture.what} (${name})`;
      test(fixture.trap === undefined ? title : `trap ${fixture.trap}: ${title}`, () => {
        checkFixture(provider, fixture);
        ran.set(provider.id, (ran.get(provider.id) ?? 0) + 1);
        if (fixture.trap !== undefined) traps.add(fixture.trap);
      });
    }
  });
}

after(() => {
  const counts = [...ran].map(([id, count]) => `${id} ${count}`).join(", ");
  process.stdout.write(`# fixtures: ${counts}; traps ${[...traps].sort((a, b) => a - b).join(", ")}\n`);
});

test("every folder with fixtures is in the list, and no two providers answer to one name", async () => {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const folders = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name !== "test-parts").map(({ name }) => name);
  const withFixtures: string[] = [];
  for (const folder of folders) {
    const files = await readdir(`${here}${folder}/fixtures`).catch(() => []);
    if (files.length > 0) withFixtures.push(folder);
  }
  assert.deepEqual(withFixtures.sort(), providers.map(({ id }) => id).sort());
  const names = providers.flatMap(({ id, aliases }) => [id, ...aliases]);
  assert.equal(new Set(names).size, names.length);
});

test("a provider is found by its id and by the names that people know", () => {
  for (const [name, id] of [["tdata", "tdata"], ["twin", "tdata"], ["TWIN", "tdata"], [" nettra ", "thethings-io"], ["novus", "tagoio"], ["tagoio", "tagoio"], ["thingsboard", "thingsboard"]] as const) {
    assert.equal(findProvider(name)?.id, id, name);
  }
  assert.equal(findProvider("nobody"), undefined);
});

test("every provider says what the collector has to know, and its name is its folder's", () => {
  for (const { id, title, budget, aliases } of providers) {
    assert.match(id, /^[a-z][a-z0-9-]*$/);
    assert.notEqual(title, "");
    assert.ok(budget.length > 0, id);
    for (const { calls, perMs } of budget) assert.ok(Number.isSafeInteger(calls) && calls > 0 && perMs > 0, id);
    for (const alias of aliases) assert.match(alias, /^[a-z][a-z0-9-]*$/);
  }
});
