import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, suite, test } from "node:test";
import { until } from "../../caudal/test-parts/until.ts";
import { startCaudal, type RunningCaudal } from "./running-caudal.ts";

/*
 * A whole installation is killed with -9 while readings come in, again and again: what went in comes out, and nothing is reported. Then rows are
 * deleted from the cold tier's file, as a store that lost them: it must be found within a minute of the next start.
 */

const FLAGS = ["--no-demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"];
const DEVICES = 12;
const MINUTE_MS = 60_000;

interface Line {
  readonly group: string;
  readonly partition: number;
  readonly inFlight: number;
  readonly residual: number;
  readonly in: number;
}

interface Conservation {
  readonly lines: readonly Line[];
  readonly findings: readonly { readonly id: string; readonly check: string; readonly group: string; readonly detail: string }[];
}

suite("conservation in a whole installation", () => {
  let folder: string;
  let caudal: RunningCaudal;
  let sent = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-conserved-"));
  });
  after(async () => {
    await caudal.kill().catch(() => undefined);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const conservation = async (): Promise<Conservation> => (await (await fetch(new URL("/api/v1/archiver/conservation", caudal.http))).json()) as Conservation;

  async function post(rows: number): Promise<void> {
    const nowMs = Date.now();
    const body = Array.from({ length: rows }, () => JSON.stringify({ id: `c-${sent % DEVICES}`, ts: nowMs + sent++, total_m3: sent, flow_lps: 3 })).join("\n");
    const response = await fetch(new URL("/api/v1/readings", caudal.http), { method: "POST", headers: { "content-type": "application/x-ndjson" }, body }).catch(() => undefined);
    if (response !== undefined) assert.equal(response.status, 202);
  }

  /** Everything is handled and the ledgers tell of it. */
  const settled = (): Promise<Conservation> => until("nothing is in flight", async () => {
    const answer = await conservation();
    return answer.lines.length > 0 && answer.lines.every(({ inFlight }) => inFlight === 0) ? answer : undefined;
  }, MINUTE_MS);

  test("killed under load four times: every line adds up, and nothing is reported", async () => {
    for (let kill = 0; kill < 4; kill++) {
      caudal = await startCaudal(folder, FLAGS);
      const load = (async () => {
        for (let part = 0; part < 12; part++) await post(50);
      })();
      await until("some of it is in", async () => (sent > kill * 600 + 300 ? true : undefined));
      await caudal.kill();
      await load;
    }
    caudal = await startCaudal(folder, FLAGS);
    await post(200);
    const { lines, findings } = await settled();
    assert.deepEqual(findings, []);
    assert.deepEqual(lines.filter(({ residual }) => residual !== 0), []);
    const into = (group: string): number => lines.reduce((sum, line) => (line.group === group ? sum + line.in : sum), 0);
    assert.ok(into("processor-hot") > 0);
    assert.deepEqual(["processor-warm", "archiver-cold", "analytics-rollups"].map(into), Array.from({ length: 3 }, () => into("processor-hot")));
    const health = (await (await fetch(new URL("/health", caudal.http))).json()) as { components: { name: string; status: string }[] };
    assert.equal(health.components.find(({ name }) => name === "conservation")?.status, "ok");
    assert.doesNotMatch(caudal.output(), /conservation\.residual/);
  });

  test("facts that the cold tier's file loses are found within a minute, and an installation that says so stays in service", async () => {
    await caudal.stop();
    const db = new DatabaseSync(join(folder, "tiers", "cold.sqlite"));
    const gone = ["blocks", "incoming"].map((table) => Number(db.prepare(`DELETE FROM ${table}`).run().changes));
    assert.ok(gone.some((rows) => rows > 0));
    db.close();
    const sinceMs = performance.now();
    caudal = await startCaudal(folder, FLAGS);
    const { findings } = await until("it is found", async () => {
      const answer = await conservation();
      return answer.findings.length > 0 ? answer : undefined;
    }, MINUTE_MS);
    const tookMs = performance.now() - sinceMs;
    assert.ok(tookMs < MINUTE_MS, `${tookMs} ms`);
    assert.ok(findings.every(({ check, group }) => check === "tiers" && group === "archiver-cold"), JSON.stringify(findings));
    const detail = await until("its health tells", async () => {
      const { components } = (await (await fetch(new URL("/health", caudal.http))).json()) as { components: { name: string; status: string; detail?: string }[] };
      const own = components.find(({ name }) => name === "conservation");
      return own?.status === "degraded" ? own.detail : undefined;
    });
    assert.match(detail, /cold lacks/);
    const ready = await fetch(new URL("/readyz", caudal.http));
    assert.deepEqual([ready.status, ((await ready.json()) as { status: string }).status], [200, "degraded"]);
    assert.match(caudal.output(), /conservation\.residual/);
    for (const { id } of findings) assert.equal((await fetch(new URL(`/api/v1/archiver/conservation/findings/${encodeURIComponent(id)}`, caudal.http), { method: "DELETE" })).status, 204);
  });
});
