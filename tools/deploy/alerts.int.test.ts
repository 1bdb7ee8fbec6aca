import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { withProgram } from "./programs.ts";
import { root } from "./test-parts/container.ts";

const run = promisify(execFile);
const RULES = join(root, "deploy", "prometheus", "rules");

withProgram("prometheus", (promtool) => {
  test("promtool parses every committed alert", async () => {
    for (const file of await readdir(RULES)) assert.match((await run(promtool, ["check", "rules", join(RULES, file)])).stdout, /SUCCESS: \d+ rules found/, file);
  });

  test("a provider that is down is one alert an account after fifteen minutes, whatever number of processes call it, and none before or for a process that left", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "caudal-alerts-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const series = (account: string, instance: string, values: string): string => `      - { series: 'caudal_provider_up{account="${account}", provider="tdata", instance="${instance}"}', values: '${values}' }`;
    const alerts = (evalTime: string, accounts: readonly string[]): string => {
      const wanted = accounts.map((account) => `          - { exp_labels: { severity: critical, account: ${account}, provider: tdata }, exp_annotations: { summary: "tdata has not answered the account ${account} for 15 minutes", description: ${JSON.stringify(description)} } }`);
      return `      - eval_time: ${evalTime}\n        alertname: CaudalProviderDown\n        exp_alerts:${wanted.length === 0 ? " []" : `\n${wanted.join("\n")}`}`;
    };
    const description = "The collector's log says why (provider.down), the provider's scorecard since when. It is tried again by itself; readings of the outage are fetched afterwards where the provider keeps a history. A refused credential has to be renewed by a person.";
    const text = [
      `rule_files: [${JSON.stringify(join(RULES, "providers.yml"))}]`, "evaluation_interval: 1m", "tests:", "  - interval: 1m", "    input_series:",
      series("down", "a", "1x4 0x40"), series("down", "b", "1x45"), series("up", "a", "1x45"), series("short", "a", "1x4 0x10 1x30"), series("left", "a", "0x10 _x35"),
      "    alert_rule_test:", alerts("19m", []), alerts("21m", ["down"]), alerts("44m", ["down"]), "",
    ].join("\n");
    const file = join(folder, "test.yml");
    await writeFile(file, text);
    const { stdout } = await run(promtool, ["test", "rules", file]);
    assert.match(stdout, /SUCCESS/);
    await writeFile(file, text.replace("eval_time: 21m", "eval_time: 19m"));
    await assert.rejects(run(promtool, ["test", "rules", file]), "the test can fail");
  });
});
