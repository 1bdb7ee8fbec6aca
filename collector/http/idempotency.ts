import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import type { Logger } from "@caudal/runtime";

/** An answer as it was given. */
export interface GivenAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface AnswerRecord {
  readonly bodySha256: string;
  readonly status: number;
  readonly createdAtUs: number;
}

const answerCollection: CollectionSpec = { name: "idempotent-answers", tenant: false, indexes: [["createdAtUs"]] };
const KEPT_FOR_US = 24 * 3600 * 1_000_000;
const MAX_KEPT = 20_000;
const SWEEP_EVERY_US = 60 * 1_000_000;
const SWEEP_PAGE = 500;

/** What stands under a key: nothing yet, the same request's answer, or another request's. */
export type Found = { readonly kind: "new" } | { readonly kind: "same"; readonly answer: GivenAnswer } | { readonly kind: "other" };

/** Remembers answers by the caller's own key for a day, and not more than so many. */
export class IdempotentAnswers {
  readonly #records: DocumentCollection<AnswerRecord>;
  readonly #logger: Logger;
  readonly #running = new Map<string, Promise<unknown>>();
  #sweptAtUs = 0;

  private constructor(records: DocumentCollection<AnswerRecord>, logger: Logger) {
    this.#records = records;
    this.#logger = logger;
  }

  static async open(documents: Documents, logger: Logger): Promise<IdempotentAnswers> {
    return new IdempotentAnswers(await documents.collection<AnswerRecord>(answerCollection), logger);
  }

  /** Names a caller's key; two callers may use the same. */
  static idOf(principal: string, key: string): string {
    return createHash("sha256").update(JSON.stringify([principal, key])).digest("hex");
  }

  /** Runs `work` alone among the requests of this process under one id, so that a repeat meets the first one's answer. */
  async alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#running.get(id);
    const mine = (before ?? Promise.resolve()).then(work, work);
    this.#running.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#running.get(id) === mine) this.#running.delete(id);
    }
  }

  async find(id: string, body: Uint8Array, nowUs: number): Promise<Found> {
    const stored = await this.#records.get(systemScope, id);
    if (stored === undefined || stored.body.createdAtUs < nowUs - KEPT_FOR_US || stored.blob === undefined) return { kind: "new" };
    if (stored.body.bodySha256 !== sha256(body)) return { kind: "other" };
    const text = (await promisify(gunzip)(stored.blob)).toString("utf8");
    return { kind: "same", answer: { status: stored.body.status, body: JSON.parse(text) as unknown } };
  }

  /** Call once the effects are durable. Another process may have been first; its answer then stays. */
  async remember(id: string, body: Uint8Array, answer: GivenAnswer, nowUs: number): Promise<void> {
    const blob = await promisify(gzip)(JSON.stringify(answer.body));
    const document = { id, body: { bodySha256: sha256(body), status: answer.status, createdAtUs: nowUs }, blob };
    try {
      await this.#records.insert(systemScope, document);
    } catch (error) {
      if (!hasCode(error, "duplicate-key")) throw error;
      const stored = await this.#records.get(systemScope, id);
      // One past its time is replaced; one that is not belongs to whoever was first.
      if (stored !== undefined && stored.body.createdAtUs < nowUs - KEPT_FOR_US) await this.#records.putMany(systemScope, [document]);
    }
    if (nowUs - this.#sweptAtUs < SWEEP_EVERY_US) return;
    this.#sweptAtUs = nowUs;
    this.sweep(nowUs).catch((error: unknown) => this.#logger.warn("idempotency.sweep-failed", { error }));
  }

  /** Forgets what is past its time, and the oldest of too many. */
  async sweep(nowUs: number): Promise<void> {
    const surplus = (await this.#records.count(systemScope)) - MAX_KEPT;
    const { items } = await this.#records.find(systemScope, { orderBy: "createdAtUs", limit: SWEEP_PAGE });
    const going = items.filter(({ body }, at) => at < surplus || body.createdAtUs < nowUs - KEPT_FOR_US);
    for (const { id, version } of going) await this.#records.remove(systemScope, id, version).catch(() => false);
    if (going.length === SWEEP_PAGE) await this.sweep(nowUs);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
