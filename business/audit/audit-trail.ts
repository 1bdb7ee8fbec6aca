import { randomUUID } from "node:crypto";
import { systemScope, type CollectionSpec, type DocumentCollection, type Documents, type Page, type Principal, type Scope, type StoredDocument } from "@caudal/core";

/** One change that somebody made. Never changed, never removed. */
export interface AuditRecord {
  readonly client: string;
  readonly atUs: number;
  readonly by: string;
  readonly action: AuditAction;
  /** Id of what was changed. */
  readonly target: string;
  /** JSON of what was asked; of a request that is too long to keep, `{ "characters", "begins" }`. */
  readonly change: string;
}

export type AuditAction = "point.configure" | "point.correct" | "totaliser.verdict" | "device.adopt" | "device.feeds" | "parked.replay" | "parked.replay-all" | "parked.discard" | "token.create" | "token.revoke" | "client.erase" | "configuration.apply" | "configuration.remove";

const auditCollection: CollectionSpec = { name: "audit", tenant: true, indexes: [["client", "atUs"], ["atUs"], ["target", "atUs"]] };
const MAX_CHANGE_CHARACTERS = 100_000;

/** Client of changes that belong to the installation. */
export const INSTALLATION = "installation";

/** Writes down every change, before it is answered. */
export class AuditTrail {
  readonly #records: DocumentCollection<AuditRecord>;
  readonly #nowUs: () => number;

  private constructor(records: DocumentCollection<AuditRecord>, nowUs: () => number) {
    this.#records = records;
    this.#nowUs = nowUs;
  }

  static async open(documents: Documents, nowUs: () => number): Promise<AuditTrail> {
    return new AuditTrail(await documents.collection<AuditRecord>(auditCollection), nowUs);
  }

  /** Durable when it resolves. `change` must hold no secret. */
  async record(who: Principal, entry: { client: string; action: AuditAction; target: string; change: unknown }): Promise<void> {
    const { client, action, target } = entry;
    const body = { client, atUs: this.#nowUs(), by: who.name, action, target, change: bounded(JSON.stringify(entry.change ?? null)) };
    await this.#records.insert(systemScope, { id: randomUUID(), body });
  }

  /** What was changed of one thing, newest first. */
  about(scope: Scope, target: string, paging: { readonly limit: number; readonly cursor?: string }): Promise<Page<StoredDocument<AuditRecord>>> {
    return this.#records.find(scope, { where: { target }, orderBy: "atUs", descending: true, ...paging });
  }
}

function bounded(json: string): string {
  return json.length <= MAX_CHANGE_CHARACTERS ? json : JSON.stringify({ characters: json.length, begins: json.slice(0, 1000) });
}
