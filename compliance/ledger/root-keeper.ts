import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { CaudalError, hasCode, systemScope, type DocumentCollection, type Documents, type StoredDocument } from "@caudal/core";
import { isSignedBy, rootHash, signRoot, type SignedRoot } from "./daily-root.ts";
import { headAt, type ChainHead } from "./head-at.ts";
import { ledgerCollection, type LedgerRecord } from "./ledger.ts";
import { LedgerReader } from "./ledger-reader.ts";
import { dayEndUs, dayOf } from "./regulator-day.ts";
import { blindedHeads, bytesOf, mustBeOver, neverBack, proofOf, treeOf, type ProvedRoot, type RootHeads } from "./root-heads.ts";
import { headsBeside, rootCollection, rootId, rootOf, type RootRecord } from "./root-record.ts";

/** An entry takes a moment from its time to its store; a day is signed when it is over for so long. */
const SETTLED_US = 60_000_000;
const WORKS_AT_ONCE = 16;
const MOST_TRIES = 100;
/** A store may refuse a number before it shows to readers who has it. */
const READ_ON_MS = 10;
/** What lies beside a root grows with the works of the installation. */
const ROOTS_PER_READ = 4;

export interface RootSpan {
  readonly fromDay?: string | undefined;
  /** Included. */
  readonly toDay?: string | undefined;
}

export interface RootKeeperOptions {
  /** Ed25519, PKCS 8 in PEM. */
  readonly privateKeyPem: string;
  readonly nowUs: () => number;
}

/** Signs where all chains stood at the end of each of the regulator's days. Several may run; of a day there is one root. */
export class RootKeeper {
  /** SPKI DER, base64, as in a signed root. */
  readonly publicKey: string;
  readonly #key: KeyObject;
  readonly #nowUs: () => number;
  readonly #roots: DocumentCollection<RootRecord>;
  readonly #chains: { readonly reader: LedgerReader; readonly records: DocumentCollection<LedgerRecord> };

  private constructor({ privateKeyPem, nowUs }: RootKeeperOptions, roots: DocumentCollection<RootRecord>, records: DocumentCollection<LedgerRecord>) {
    this.#key = createPrivateKey(privateKeyPem);
    this.publicKey = createPublicKey(this.#key).export({ format: "der", type: "spki" }).toString("base64");
    this.#nowUs = nowUs;
    this.#roots = roots;
    this.#chains = { reader: new LedgerReader(records), records };
  }

  static async open(documents: Documents, options: RootKeeperOptions): Promise<RootKeeper> {
    return new RootKeeper(options, await documents.collection<RootRecord>(rootCollection), await documents.collection<LedgerRecord>(ledgerCollection));
  }

  /** Days that are over and have no root, oldest first: those since the newest root, or yesterday where there is none. Empty while no chain has an entry. */
  async due(nowUs: number = this.#nowUs()): Promise<readonly string[]> {
    return this.#dueAfter(await this.#newest(), nowUs);
  }

  /**
   * Signs and stores the roots of all days that are due and gives those that it wrote; another keeper may have written others. A day that was missed gets its own root, with the heads of its end, whose
   * `atUs` says that it was made later. CaudalError "corrupt" behind a root that cannot be read or was changed.
   */
  async sign(): Promise<readonly SignedRoot[]> {
    const made: SignedRoot[] = [];
    for (let lost = 0; lost < MOST_TRIES; ) {
      const nowUs = Math.trunc(this.#nowUs());
      const newest = await this.#newest();
      const [day] = await this.#dueAfter(newest, nowUs);
      if (day === undefined) return made;
      const before = newest === undefined ? { previous: "", heads: [] } : mustStand(newest);
      const over = blindedHeads(neverBack(await this.#headsAt(dayEndUs(day)), before.heads));
      const signed = signRoot({ day, atUs: nowUs, previous: before.previous, ...treeOf(over) }, this.#key);
      if (await this.#store({ number: (newest?.body.number ?? 0) + 1, day, signed }, over)) made.push(signed);
      else {
        lost += 1;
        await pause(READ_ON_MS);
      }
    }
    throw new CaudalError("unavailable", "others sign roots all the time");
  }

  /** Signed roots in the order in which they were made, those of days from `fromDay` to `toDay`, both included. CaudalError "corrupt" for one that cannot be read. */
  async *roots(span: RootSpan = {}): AsyncGenerator<SignedRoot> {
    for await (const stored of this.#stored(span)) yield rootOf(stored);
  }

  /** As `roots`, each with where the work stood in it, and nothing of other works. Made a day at a time. */
  async *proved(work: string, span: RootSpan = {}): AsyncGenerator<ProvedRoot> {
    for await (const stored of this.#stored(span)) {
      const signed = rootOf(stored);
      yield { ...signed, proof: proofOf(work, headsBeside(stored), signed.root) };
    }
  }

  async *#stored({ fromDay, toDay }: RootSpan): AsyncGenerator<StoredDocument<RootRecord>> {
    let cursor: string | undefined;
    do {
      const page = await this.#roots.find(systemScope, { range: { field: "day", ...(fromDay === undefined ? {} : { from: fromDay }), ...(toDay === undefined ? {} : { to: `${toDay}~` }) }, orderBy: "day", limit: ROOTS_PER_READ, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.items;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  async #newest(): Promise<StoredDocument<RootRecord> | undefined> {
    return (await this.#roots.find(systemScope, { orderBy: "number", descending: true, limit: 1 })).items[0];
  }

  async #dueAfter(newest: StoredDocument<RootRecord> | undefined, nowUs: number): Promise<readonly string[]> {
    const today = dayOf(nowUs - SETTLED_US);
    if (newest === undefined) {
      const yesterday = dayBefore(today);
      return (await this.#headsAt(dayEndUs(yesterday))).length === 0 ? [] : [yesterday];
    }
    const days: string[] = [];
    for (let day = dayOf(dayEndUs(newest.body.day)); day < today; day = dayOf(dayEndUs(day))) days.push(day);
    return days;
  }

  async #headsAt(beforeUs: number): Promise<readonly ChainHead[]> {
    const works = await this.#chains.reader.works();
    const heads: ChainHead[] = [];
    for (let at = 0; at < works.length; at += WORKS_AT_ONCE) {
      const some = await Promise.all(works.slice(at, at + WORKS_AT_ONCE).map((work) => headAt(work, beforeUs, this.#chains)));
      heads.push(...some.filter((head) => head !== undefined));
    }
    return heads;
  }

  /** False when a root of this number or day is another's. */
  async #store(record: RootRecord, over: RootHeads): Promise<boolean> {
    const id = rootId(record.number);
    for (let tries = 1; ; tries++) {
      try {
        await this.#roots.insert(systemScope, { id, body: record, blob: bytesOf(over) });
        return true;
      } catch (error) {
        if (hasCode(error, "duplicate-key")) return (await this.#roots.get(systemScope, id))?.body.signed.signature === record.signed.signature;
        if (!(error instanceof CaudalError) || error.retry !== "unknown" || tries >= MOST_TRIES) throw error;
      }
    }
  }
}

/** What the next root stands on: nothing is signed behind a root that was changed. */
function mustStand(stored: StoredDocument<RootRecord>): { readonly previous: string; readonly heads: readonly ChainHead[] } {
  const signed = rootOf(stored);
  if (!isSignedBy(signed, signed.publicKey)) throw new CaudalError("corrupt", `the root of ${signed.root.day} is not what was signed`);
  const over = headsBeside(stored);
  mustBeOver(signed.root, over);
  return { previous: rootHash(signed.root), heads: over.heads };
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}
