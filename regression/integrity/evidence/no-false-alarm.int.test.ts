import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { systemScope } from "@caudal/core";
import { portNames } from "../../../caudal/composition/ports.ts";
import { pointCollection, type PointRecord } from "../../../core/directory/records.ts";
import { runAudit } from "../audit.ts";
import { audit } from "../auditor/audit.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { auditInstallation } from "./audit-installation.ts";
import { liveRecordingOf } from "./live-recording.ts";
import { recordLive } from "./live-recorder.ts";
import { portsEvidence } from "./ports-evidence.ts";
import { addToTruth, measurement } from "./test-plants.ts";
import { stage, type Staged } from "./test-scene.ts";

/* Fleets of several seeds, with all their troubles: as long as the installation does what it promises, the auditor finds nothing. */

async function asked(argv: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ["", ""];
  const code = await runAudit(argv, {}, { out: (text) => void (out += text), error: (text) => void (error += text) });
  return { code, out, error };
}

suite("no false alarm", () => {
  for (const seed of ["calm", "storm"]) {
    test(`fleet ${seed}`, async () => {
      const staged = await stage({ seed, devices: 8, days: 4, intervalS: 3600 });
      try {
        const verdict = await staged.audit();
        assert.equal(verdict.ok, true, JSON.stringify(verdict.examples.slice(0, 5)));
      } finally {
        await staged.remove();
      }
    });
  }
});

suite("a running installation, and the command line", () => {
  let staged: Staged;
  let running: AuditVerdict;
  let overHttp: { code: number; out: string };
  let away: unknown;

  before(async () => {
    staged = await stage({
      seed: "running", devices: 4, days: 2, intervalS: 3600,
      async whileRunning(http, truthDirectory) {
        running = await auditInstallation({ truthDirectory, http });
        overHttp = await asked(["--truth", truthDirectory, "--http", http, "--json"]);
        const folder = await mkdtemp(join(tmpdir(), "caudal-live-"));
        const recorder = recordLive("http://127.0.0.1:1/", { file: join(folder, "live.ndjson") });
        away = await Promise.race([recorder.connected, new Promise((resolve) => setTimeout(() => resolve("not connected"), 120))]);
        recorder.moveTo(http);
        await recorder.connected;
        await recorder.caughtUp();
        const { events, resets } = await recorder.stop();
        assert.deepEqual([events, resets], [0, 0]);
        await rm(folder, { recursive: true, force: true });
      },
    });
  });
  after(() => staged?.remove());

  test("is audited by what it answers: raw history, buckets, parked list", () => {
    assert.equal(running.ok, true, JSON.stringify(running.examples.slice(0, 5)));
    assert.deepEqual(running.notGiven, ["archive", "live", "digests"]);
    for (const what of ["facts in api", "15m buckets", "1h buckets", "1d buckets"]) assert.ok((running.looked[what] ?? 0) > 0, what);
    assert.equal(overHttp.code, 0);
    assert.equal((JSON.parse(overHttp.out) as AuditVerdict).readings, running.readings);
  });

  test("a recorder waits for an installation that is away", () => assert.equal(away, "not connected"));

  test("the command line audits a stopped one: text or JSON, 0 or 1, and a line a reading", async () => {
    const ok = await asked(["--truth", staged.truth, "--data", staged.data, "--live", staged.live.file]);
    assert.equal(ok.code, 0, ok.out + ok.error);
    assert.match(ok.out, /^OK: nothing lost, nothing doubled \(fleet running/);
    const recording = await liveRecordingOf(staged.live.file);
    assert.deepEqual(recording, staged.live);
    const later = await asked(["--truth", staged.truth, "--data", staged.data, "--live", staged.live.file, "--json", "--examples", "1"]);
    assert.equal((JSON.parse(later.out) as AuditVerdict).looked["live events"], recording.events);
  });

  test("by ports alone, as on servers: nothing is found, and facts under another client are", async () => {
    const spoiled = await staged.copy();
    try {
      const auditPorts = (): Promise<AuditVerdict> => spoiled.ports(portNames, async (ports) => audit({ truthDirectory: spoiled.truth, evidence: await portsEvidence(ports) }));
      const clean = await auditPorts();
      assert.equal(clean.ok, true, JSON.stringify(clean.examples.slice(0, 5)));
      await spoiled.ports(["documents", "warm"], async ({ documents, warm }) => {
        const points = await documents.collection<PointRecord>(pointCollection);
        const [own] = (await points.find(systemScope, { limit: 1 })).items;
        await points.putMany(systemScope, [{ id: "strange", body: { ...own!.body, client: "stranger", point: "strange" } }]);
        await warm.write([measurement({ client: "stranger", point: own!.id }, { instantUs: Date.now() * 1000, knownAtUs: Date.now() * 1000, variable: "level", value: 1 })]);
      });
      const found = await auditPorts();
      assert.deepEqual(found.findings, { foreign: 1 }, JSON.stringify(found.examples));
    } finally {
      await spoiled.remove();
    }
  });

  test("the command line finds what is missing, and says how it is used", async () => {
    const device = (JSON.parse(await readFile(join(staged.truth, "fleet.json"), "utf8")) as { devices: { device: string }[] }).devices[1]!.device;
    await addToTruth(staged, { seq: 1_000_000, device, samples: [{ key: "depth_m", timeUs: 1, value: 2 }] });
    const found = await asked(["--truth", staged.truth, "--data", staged.data]);
    assert.equal(found.code, 1);
    assert.match(found.out, /^FAULTS FOUND[\s\S]*lost: 1 /);
    for (const argv of [[], ["--truth", "x"], ["--truth", "x", "--data", "y", "--http", "z"], ["--nonsense"], ["--truth", "x", "--data", "y", "--examples", "many"]]) assert.equal((await asked(argv)).code, 2);
    const unreadable = await asked(["--truth", staged.truth, "--data", join(staged.folder, "empty")]);
    assert.equal(unreadable.code, 3);
    assert.match(unreadable.error, /the audit could not be done: there is no installation/);
  });
});
