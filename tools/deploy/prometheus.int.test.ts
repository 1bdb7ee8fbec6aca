import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { createAuthenticate, createToken } from "@caudal/runtime";
import { until } from "../../caudal/test-parts/until.ts";
import { serve } from "../../runtime/test-parts/serve.ts";
import { firstExecutable } from "../executable.ts";
import { freePort } from "../engines/free-ports.ts";
import { readCompose } from "./compose-file.ts";
import { asRules, queriesOf, readDashboards } from "./dashboard.ts";
import { withProgram } from "./programs.ts";
import { healthCommand, root } from "./test-parts/container.ts";

const run = promisify(execFile);
const TOKEN_FILE = "/run/caudal-tokens/prometheus";

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-prometheus-"));
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await writeFile(join(folder, "token"), "token-of-the-test");
  return folder;
}

const committed = (name: string): Promise<string> => readFile(join(root, "deploy", "prometheus", name), "utf8");

withProgram("prometheus", (promtool) => {
  for (const name of ["prometheus.yml", "kubernetes.yml"]) {
    test(`promtool takes ${name}`, async (t) => {
      const folder = await folderOf(t);
      const file = join(folder, name);
      // Debian's Prometheus is built without the discovery in Kubernetes: all else of that file is read.
      const text = (await committed(name)).replace(TOKEN_FILE, join(folder, "token")).replace(/kubernetes_sd_configs:\n(?: {6}.*\n)+/, "static_configs: []\n");
      await writeFile(file, text);
      const { stdout } = await run(promtool, ["check", "config", file]);
      assert.match(stdout, /SUCCESS/);
    });
  }

  test("promtool parses every query of the dashboard", async (t) => {
    const file = join(await folderOf(t), "rules.yml");
    const queries = queriesOf(readDashboards(root));
    await writeFile(file, asRules(queries));
    assert.match((await run(promtool, ["check", "rules", file])).stdout, new RegExp(`SUCCESS: ${queries.length} rules found`));
    await writeFile(file, asRules(["sum by (group"]));
    await assert.rejects(run(promtool, ["check", "rules", file]));
  });

  test("Prometheus on the committed file and command asks our servers with its token, and answers every query of the dashboard", async (t) => {
    const program = firstExecutable([join(dirname(promtool), "prometheus")]);
    assert.ok(program !== undefined, "promtool comes with prometheus");
    const { token, hash } = createToken();
    const principal = { name: "prometheus", role: "viewer", scope: { clients: "all" } } as const;
    const served = await serve(t, { authenticate: createAuthenticate({ lookup: async (asked) => (asked === hash ? { hash, principal } : undefined), tokensRequired: true }) });
    served.metrics.counter("caudal_facts_in_total").inc({ group: "processor-hot" }, 5);
    served.metrics.gauge("caudal_lag_records").set({ group: "processor-hot", partition: "0" }, 7);
    for (const [account, provider, ageS] of [["north", "tdata", 7000], ["south", "tdata", 500], ["river", "tagoio", 90]] as const) {
      served.metrics.gauge("caudal_provider_up").set({ account, provider }, account === "south" ? 0 : 1);
      served.metrics.gauge("caudal_poll_newest_timestamp_seconds").set({ account }, Date.now() / 1000 - ageS);
    }

    const folder = await folderOf(t);
    await writeFile(join(folder, "token"), token);
    // Names of the network of compose are addresses of loopback here; nothing else is changed but how often it asks.
    const text = (await committed("prometheus.yml")).replace(TOKEN_FILE, join(folder, "token")).replace(/dns_sd_configs:\n(?: {6}.*\n)+/, `static_configs: [{ targets: ["127.0.0.1:${served.port}"] }]\n`)
      .replace("scrape_interval: 10s", "scrape_interval: 200ms").replace("scrape_timeout: 5s", "scrape_timeout: 200ms");
    await writeFile(join(folder, "prometheus.yml"), text);
    const service = readCompose(root).services["prometheus"];
    assert.ok(service?.command !== undefined);
    const port = await freePort();
    const args = service.command.map((word) => word.replace("/etc/caudal", folder).replace("=/prometheus", `=${join(folder, "data")}`));
    const child = spawn(program, [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: "ignore" });
    const gone = once(child, "exit");
    t.after(async () => {
      child.kill("SIGTERM");
      await gone;
    });

    const health = new URL(healthCommand(service).at(-1) ?? "");
    health.port = String(port);
    await until("Prometheus is ready", () => fetch(health).then(({ ok }) => (ok ? true : undefined), () => undefined), 20_000);
    const ask = async (query: string): Promise<{ value: [number, string] }[]> => {
      const answer = (await (await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`)).json()) as { status: string; data?: { result: { value: [number, string] }[] } };
      assert.equal(answer.status, "success", query);
      return answer.data?.result ?? [];
    };
    await until("our server was asked", async () => ((await ask('up{job="caudal"}'))[0]?.value[1] === "1" ? true : undefined), 20_000);
    for (const query of queriesOf(readDashboards(root))) await ask(query);
    const residual = queriesOf(readDashboards(root)).find((query) => query.includes("caudal_facts_in_total") && query.includes("caudal_facts_out_total"));
    assert.equal((await ask(residual ?? ""))[0]?.value[1], "5", "what went in and not out, also before anything went out");
    const panel = (title: string): string => readDashboards(root).flatMap(({ panels }) => panels).find((each) => each.title === title)?.targets[0]?.expr ?? "";
    const ages = (await ask(panel("Freshness by provider"))).map(({ value }) => Math.round(Number(value[1]) / 100) * 100).sort((a, b) => a - b);
    assert.deepEqual(ages, [100, 500], "of each provider its freshest account, away or not");
    assert.equal((await ask(panel("Providers away")))[0]?.value[1], "1");
  });
});
