import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseEnv } from "node:util";
import { fileURLToPath } from "node:url";
import { parseAllSettings, settingsSpecs } from "./all-settings.ts";
import { settingsDocuments } from "./settings-documents.ts";

test("the committed documents are what the settings specs say", () => {
  for (const { path, text } of settingsDocuments()) assert.equal(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"), text, path);
  const check = spawnSync(process.execPath, [fileURLToPath(new URL("settings-documents.ts", import.meta.url)), "--check"], { encoding: "utf8" });
  assert.equal(check.status, 0, check.stderr);
});

test("the sample names every setting, changes nothing as it is, and can be read with every row switched on", () => {
  const [sample] = settingsDocuments();
  const text = sample?.text ?? "";
  assert.deepEqual(parseEnv(text), {});
  const all = parseEnv(text.replace(/^#(?=CAUDAL_)/gm, ""));
  const names = settingsSpecs.flatMap((spec) => Object.values(spec.rows).map(({ env }) => env));
  assert.deepEqual(Object.keys(all).sort(), [...names].sort());
  assert.equal(parseAllSettings({ env: all as Record<string, string> }).installation.hotDays, 3);
});
