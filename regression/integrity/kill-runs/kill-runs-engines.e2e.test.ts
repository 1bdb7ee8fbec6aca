import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { installationEngines } from "../../../bench/promise/engine-environment.ts";
import { withEngines } from "../../../tools/engines/for-tests.ts";
import { readCatalogue } from "./catalogue.ts";
import { fleetInstallation } from "./fleet-installation.ts";
import { isGood, killRun } from "./kill-run.ts";
import { whatOf } from "./summary.ts";

const SEEDS = ["short-1"];

withEngines(installationEngines, (urls) => {
  suite("runs with kill -9 on the engines", () => {
    test("a service killed where a seed says goes on, and everything acknowledged stands once in every tier", { timeout: 240_000 }, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "caudal-kill-"));
      const installation = await fleetInstallation(urls, folder);
      t.after(async () => {
        await installation.close();
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      });
      for (const seed of SEEDS) {
        const result = await killRun({ seed, installation, catalogue: readCatalogue("engines") });
        assert.ok(isGood(result), `${seed}: ${whatOf(result).join("\n")}`);
        assert.ok(result.kills.length > 0);
      }
    });
  });
});
