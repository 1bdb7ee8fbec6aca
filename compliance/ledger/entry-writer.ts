import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { CaudalError, hasCode, systemScope, type DocumentCollection } from "@caudal/core";
import type { LedgerEntry } from "./entry.ts";
import { recordId, recordOf } from "./ledger-record.ts";
import type { LedgerRecord } from "./ledger.ts";

const MOST_TRIES = 4;
/** A store may refuse a number before it shows to readers who has it. */
const READ_BACK_MS = 10;
const MOST_READ_BACKS = 500;

/** Writes entries under their numbers. What stands under a number is one writer's, and each writer knows whether it is its own. */
export class EntryWriter {
  readonly #records: DocumentCollection<LedgerRecord>;
  readonly #name = randomUUID();
  #writes = 0;

  constructor(records: DocumentCollection<LedgerRecord>) {
    this.#records = records;
  }

  /**
   * True when the entry is durable, false when somebody else's stands under its number. A write whose answer was lost is written again under the same token: what then stands
   * there tells whose it is. Rejects with the retry "unknown" when that could not be learned: the entry may stand then, and whoever reads on meets it.
   */
  async write(entry: LedgerEntry): Promise<boolean> {
    const id = recordId(entry.work, entry.seq);
    const record = recordOf(entry, `${this.#name}/${++this.#writes}`);
    let mayStand = false;
    for (let tries = 1; ; tries++) {
      try {
        await this.#records.insert(systemScope, { id, body: record });
        return true;
      } catch (error) {
        if (hasCode(error, "duplicate-key")) return this.#isOurs(id, record);
        const isUnknown = error instanceof CaudalError && error.retry === "unknown";
        mayStand ||= isUnknown;
        if (mayStand && tries < MOST_TRIES && error instanceof CaudalError && error.retry !== "no") continue;
        if (!mayStand || isUnknown) throw error;
        throw new CaudalError("unavailable", `entry ${id} may be written or not`, { cause: error, retry: "unknown" });
      }
    }
  }

  async #isOurs(id: string, { token, entry }: LedgerRecord): Promise<boolean> {
    for (let reads = 1; ; reads++) {
      const there = await this.#records.get(systemScope, id);
      if (there !== undefined) return there.body.token === token && there.body.entry.hash === entry.hash;
      if (reads >= MOST_READ_BACKS) throw new CaudalError("unavailable", `entry ${id} is taken, and cannot be read`, { retry: "unknown" });
      await pause(READ_BACK_MS);
    }
  }
}
