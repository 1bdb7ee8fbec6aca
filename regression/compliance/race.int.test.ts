import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { MongoClient } from "mongodb";
import { openMongoDocuments } from "../../adapters/mongo/index.ts";
import { databaseUrl } from "../../adapters/mongo/test-database.ts";
import { CredentialStore } from "../../compliance/credentials/credential-store.ts";
import { sha256Hex } from "../../compliance/ledger/entry.ts";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import { ObraBook } from "../../compliance/obras/obra-book.ts";
import { draft } from "../../compliance/obras/test-draft.ts";
import { createDga } from "../../compliance/regulators/dga/dga.ts";
import { SlotBook } from "../../compliance/slots/slot-book.ts";
import { openRegulatorSandbox } from "../../sandbox/regulators/open-regulator-sandbox.ts";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { syntheticKey } from "./node.ts";

const HOUR_US = 3_600_000_000;
const STOPPED_MS = 4000;
/** Where the first process to come there is stopped, and how many POSTs there may be: who stands still between its attempt and its socket sends nothing any more. */
const points = [["compliance/submission.attempt/before", 1], ["compliance/submission.post/before", 0], ["compliance/submission.outcome/before", 1]] as const;

withEngine("mongo", (server) => {
  for (const [point, least] of points) {
    test(`two processes submit for one work on MongoDB and one is stopped at ${point}: at most one POST`, async (context) => {
      const url = databaseUrl(server);
      const documents = await openMongoDocuments({ url });
      const sandbox = await openRegulatorSandbox({ seed: "race" });
      const children: ChildProcess[] = [];
      context.after(async () => {
        for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
        await sandbox.close();
        await documents.close();
        const client = await MongoClient.connect(url);
        await client.db().dropDatabase();
        await client.close();
      });
      const nowUs = (): number => Date.now() * 1000;
      const slotUs = Math.floor(nowUs() / HOUR_US) * HOUR_US;
      const obra = await (await ObraBook.open(documents, nowUs)).put("ana", draft({ mode: "live", submitFromUs: slotUs }), "test");
      await (await CredentialStore.open(documents, syntheticKey)).put("ana", "dga", { user: obra.informantRut, password: "synthetic-race-password" }, slotUs);
      const slots = await SlotBook.open(documents, await openLedger(documents, { nowUs }));
      await slots.ensure(obra, { fromUs: slotUs, toUs: slotUs + 1 });
      const frozen = createDga(sandbox.baseUrls.dga, { postTimeoutMs: 1, getTimeoutMs: 1 }).freeze(obra, slotUs, { flowLps: 15.3, totalM3: 1010, depthM: 9.85 });
      assert.ok(frozen.kind === "frozen");
      const { path, headers, body } = frozen.payload;
      await slots.append(obra, slotUs, { by: "freezing", decide: () => ({ kind: "frozen", slotUs, version: 1, path, headers: { ...headers }, payload: body, sha256: sha256Hex(body), taken: [] }) });

      let stopped: ChildProcess | undefined;
      for (let each = 0; each < 2; each++) {
        const child = fork(join(import.meta.dirname, "race-process.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
        children.push(child);
        child.on("message", (said) => {
          if (said !== "reached" || stopped !== undefined) return;
          stopped = child;
          child.kill("SIGSTOP");
        });
        child.send({ documentsUrl: url, regulatorUrl: sandbox.baseUrls.dga, point });
      }
      const endMs = Date.now() + 60_000;
      while (stopped === undefined && Date.now() < endMs) await pause(20);
      assert.ok(stopped !== undefined, "one came to the point");
      await pause(STOPPED_MS);
      (stopped as ChildProcess).kill("SIGCONT");
      const posted = (): number => sandbox.requests().filter(({ method }) => method === "POST").length;
      const settled = async (): Promise<boolean> => ["accepted", "unknown"].includes((await slots.row(obra.work, slotUs))?.standing ?? "");
      while (!(await settled()) && Date.now() < endMs) await pause(50);
      assert.ok(await settled());
      // Both go on for a while, and nothing more is sent.
      await pause(1000);
      assert.ok(posted() <= 1 && posted() >= least, `${posted()} POSTs`);
      assert.equal(sandbox.stored().length, posted());
      for (const child of children) {
        const exited = once(child, "exit");
        child.send("end");
        await exited;
      }
    });
  }
});
