import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventLog } from "@caudal/core";
import { eventLogSuite, type EventLogHarness } from "@caudal/contract-tests";
import { openEmbeddedLog } from "./open.ts";

async function harness(): Promise<EventLogHarness> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-log-"));
  const opened: EventLog[] = [];
  let nowUs = Date.now() * 1000;
  let life = 0;
  return {
    open: async () => {
      const log = await openEmbeddedLog({ directory: join(folder, String(life)), clock: { nowUs: () => nowUs }, retentionSweepMs: 20, drainWithinMs: 300 });
      opened.push(log);
      return log;
    },
    // What the files hold at this moment is what a killed process leaves; the next life starts from a copy of them.
    crash: async () => {
      await cp(join(folder, String(life)), join(folder, String(life + 1)), { recursive: true });
      life += 1;
    },
    advanceMs: (ms) => {
      nowUs += ms * 1000;
    },
    dispose: async () => {
      await Promise.all(opened.map((log) => log.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

eventLogSuite("embedded", harness);
