import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type RecordBatch, type StoredDocument } from "@caudal/core";
import { systemClock, type Clock } from "../clock/clock.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Tally } from "./tally.ts";

/** What was looked at: a group's own count, the log it read, what it published or handed over, what others read, what tiers hold. */
export type ConservationCheck = "line" | "offsets" | "published" | "handover" | "agreement" | "tiers";

/** Something that does not add up. */
export interface Residual {
  readonly check: ConservationCheck;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Half-open range of offsets that it lies in. */
  readonly fromOffset: number;
  readonly toOffset: number;
  /** Facts (samples or records where the group counts those) that are too few; negative when they are too many. */
  readonly missing: number;
  /** What it is about, where the offsets are only those that were looked at: found again for it, it is not new unless more is missing. */
  readonly about?: string;
  /** One line for a person, without secrets. */
  readonly detail: string;
}

export interface FindingBody extends Residual {
  readonly foundAtUs: number;
  /** False once a person has looked. */
  readonly open: boolean;
}

const findingCollection: CollectionSpec = { name: "conservation-findings", tenant: false, indexes: [["open", "foundAtUs"]] };
const MOST_OPEN = 200;

/** Residuals that were found, kept until a person says that they were looked at. */
export class Findings {
  readonly #documents: Documents;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  #collection: DocumentCollection<FindingBody> | undefined;
  readonly #told = new Set<string>();
  readonly #unsaved = new Map<string, Residual>();

  constructor(parts: { readonly documents: Documents; readonly logger: Logger; readonly metrics: Metrics; readonly clock?: Clock }) {
    this.#documents = parts.documents;
    this.#logger = parts.logger;
    this.#metrics = parts.metrics;
    this.#clock = parts.clock ?? systemClock;
  }

  /**
   * Alarms once for what is new: an event at level error, a count, and a document. The same found again, or in a wider range of the same
   * place, is not new. Where the document cannot be written now `save` writes it later; the alarm does not wait.
   */
  async report(residual: Residual): Promise<void> {
    const id = idOf(residual);
    if (this.#told.has(id)) return;
    if (await this.#isKnown(residual).catch(() => false)) {
      this.#told.add(id);
      return;
    }
    this.#told.add(id);
    const { check, group, partition, fromOffset, toOffset, missing, detail } = residual;
    this.#logger.error("conservation.residual", { check, group, partition, fromOffset, toOffset, missing, detail });
    this.#metrics.counter("caudal_conservation_residuals_total").inc({ check, group });
    this.#unsaved.set(id, residual);
    await this.save().catch(() => undefined);
  }

  /** Reports what of a batch's line came to nothing. */
  async line(group: string, { topic, partition, records, nextOffset }: RecordBatch, tally: Tally): Promise<void> {
    const missing = tally.residual;
    if (missing === 0) return;
    const { in: came } = tally.body();
    await this.report({ check: "line", group, topic, partition, fromOffset: records[0]?.offset ?? nextOffset, toOffset: nextOffset, missing, detail: `of ${came} that came ${missing} came to nothing` });
  }

  /** Writes what could not be written when it was found. */
  async save(): Promise<void> {
    const findings = this.#unsaved.size > 0 ? await this.#open() : undefined;
    for (const [id, residual] of [...this.#unsaved]) {
      await findings?.insert(systemScope, { id, body: { ...residual, foundAtUs: this.#clock.nowUs(), open: true } }).catch((error: unknown) => {
        if (!hasCode(error, "duplicate-key")) throw error;
      });
      this.#unsaved.delete(id);
    }
  }

  /** Those that nobody has looked at, the newest first. */
  async open(): Promise<readonly StoredDocument<FindingBody>[]> {
    const findings = await this.#open();
    return (await findings.find(systemScope, { where: { open: true }, orderBy: "foundAtUs", descending: true, limit: MOST_OPEN })).items;
  }

  /** A person has looked. False when there is no such finding. */
  async close(id: string): Promise<boolean> {
    const findings = await this.#open();
    const found = await findings.get(systemScope, id);
    if (found === undefined) return false;
    if (found.body.open) await findings.replace(systemScope, { id, body: { ...found.body, open: false } }, found.version);
    return true;
  }

  async #isKnown({ check, group, partition, fromOffset, toOffset, missing, about }: Residual): Promise<boolean> {
    const findings = await this.#open();
    const { items } = await findings.find(systemScope, { orderBy: "foundAtUs", where: { open: true }, descending: true, limit: MOST_OPEN });
    const closed = await findings.find(systemScope, { orderBy: "foundAtUs", where: { open: false }, descending: true, limit: MOST_OPEN });
    const same = [...items, ...closed.items].filter(({ body }) => body.check === check && body.group === group && body.partition === partition && body.about === about);
    if (about !== undefined) return same.some(({ body }) => body.missing >= missing);
    const inside = same.filter(({ body }) => body.fromOffset < toOffset && body.toOffset > fromOffset);
    return inside.length > 0 && inside.reduce((sum, { body }) => sum + body.missing, 0) === missing;
  }

  async #open(): Promise<DocumentCollection<FindingBody>> {
    return (this.#collection ??= await this.#documents.collection<FindingBody>(findingCollection));
  }
}

function idOf({ check, group, partition, fromOffset, toOffset, missing, about }: Residual): string {
  if (about !== undefined) return `${check}.${group}.${partition}.${about}.${missing}`;
  return `${check}.${group}.${partition}.${fromOffset}-${toOffset}.${missing}`;
}
