import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createFileNames } from "./file-name.ts";

test("names that people know stay, all else is escaped, and a device is never taken for its client's file", () => {
  const nameOf = createFileNames();
  const names = [undefined, "W-07", "pozo norte", "a/b", "..", "ñandú", "client", "Client"].map((device) => nameOf("acme", device));
  assert.deepEqual(names.slice(0, 6), ["acme/client.yaml", "acme/W-07.yaml", "acme/pozo%20norte.yaml", "acme/a%2Fb.yaml", "acme/%2E..yaml", "acme/ñandú.yaml"]);
  assert.match(names[6] ?? "", /^acme\/client~[0-9a-f]{8}\.yaml$/);
  assert.match(names[7] ?? "", /^acme\/Client~[0-9a-f]{8}\.yaml$/);
  assert.match(nameOf("acme", "w-07"), /^acme\/w-07~[0-9a-f]{8}\.yaml$/, "where letters' case does not count, one file would be the other");
});

test("whatever devices are called, each has a file of its own inside its client's folder, the same each time", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 256 }).filter((name) => name.isWellFormed())), (devices) => {
    const [once, again] = [createFileNames(), createFileNames()];
    const names = devices.map((device) => once("acme", device));
    assert.deepEqual(devices.map((device) => again("acme", device)), names);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, devices.length);
    for (const name of names) assert.ok(/^acme\/[^/\\:\u0000-\u001f]+\.yaml$/u.test(name) && Buffer.byteLength(name) < 200, name);
  }));
});
