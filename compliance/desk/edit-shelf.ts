import { hasCode, systemScope, type DocumentCollection, type Documents, type Page, type Scope, type StoredDocument } from "@caudal/core";
import { slotId } from "../slots/slot-row.ts";
import type { EditCode } from "./edit-rules.ts";

/** `approving`: a second person approved, and the ledger may not have it yet; whoever approves again finishes it. */
export const editStates = ["waiting", "approving", "approved", "declined", "overtaken"] as const;
export type EditState = (typeof editStates)[number];

/** Values that somebody proposed in the place of measured ones: document `work/slot/number`, never removed. Decimal texts by quantity. */
export interface EditProposal {
  readonly client: string;
  readonly work: string;
  readonly slotUs: number;
  readonly state: EditState;
  /** 1 while it waits for a second person. */
  readonly open: 0 | 1;
  readonly values: Readonly<Record<string, string>>;
  readonly measured: Readonly<Record<string, string>>;
  readonly code: EditCode;
  readonly reason: string;
  readonly author: string;
  readonly atUs: number;
  /** The ledger's entry whose values it was decided on, and the version that stood. */
  readonly basisSeq: number;
  readonly version: number;
  readonly decidedBy: string | null;
  readonly decidedAtUs: number | null;
  readonly decision: string | null;
}

export const editCollection = { name: "slot_edits", tenant: true, indexes: [["work", "slotUs", "atUs"], ["work", "atUs"], ["state", "atUs"], ["client", "atUs"], ["client", "state", "atUs"], ["atUs"]] } as const;

type Stored = StoredDocument<EditProposal>;

/** Proposed edits. At most one of a slot waits; each step is one compare-and-set. */
export class EditShelf {
  readonly #edits: DocumentCollection<EditProposal>;

  private constructor(edits: DocumentCollection<EditProposal>) {
    this.#edits = edits;
  }

  static async open(documents: Documents): Promise<EditShelf> {
    return new EditShelf(await documents.collection<EditProposal>(editCollection));
  }

  /** Undefined when one waits already. */
  async propose(proposal: Omit<EditProposal, "state" | "open" | "decidedBy" | "decidedAtUs" | "decision">): Promise<Stored | undefined> {
    const { work, slotUs } = proposal;
    const before = await this.of(work, slotUs);
    if (before.some(({ body }) => body.open === 1)) return undefined;
    const id = `${slotId(work, slotUs)}/${before.length + 1}`;
    try {
      return await this.#edits.insert(systemScope, { id, body: { ...proposal, state: "waiting", open: 1, decidedBy: null, decidedAtUs: null, decision: null } });
    } catch (error) {
      // Two that proposed at once took the same number.
      if (hasCode(error, "duplicate-key")) return undefined;
      throw error;
    }
  }

  /** All of a slot, oldest first. */
  async of(work: string, slotUs: number): Promise<readonly Stored[]> {
    const found: Stored[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<Stored> = await this.#edits.find(systemScope, { where: { work, slotUs }, orderBy: "atUs", ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return found;
  }

  async waiting(work: string, slotUs: number): Promise<Stored | undefined> {
    return (await this.of(work, slotUs)).find(({ body }) => body.open === 1);
  }

  /** Undefined when somebody else took a step first. */
  async step({ id, version, body }: Stored, change: Partial<EditProposal> & Pick<EditProposal, "state">): Promise<Stored | undefined> {
    const open = change.state === "waiting" || change.state === "approving" ? 1 : 0;
    try {
      return await this.#edits.replace(systemScope, { id, body: { ...body, ...change, open } }, version);
    } catch (error) {
      if (hasCode(error, "version-conflict")) return undefined;
      throw error;
    }
  }

  /** What waits of a slot that was decided on otherwise waits no longer. */
  async overtake(work: string, slotUs: number): Promise<void> {
    const waiting = await this.waiting(work, slotUs);
    if (waiting?.body.state === "waiting") await this.step(waiting, { state: "overtaken" });
  }

  find(scope: Scope, { client, work, state, limit, cursor }: { readonly client?: string | undefined; readonly work?: string | undefined; readonly state?: EditState | undefined; readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<Stored>> {
    const where: Record<string, string> = work !== undefined ? { work } : { ...(client === undefined ? {} : { client }), ...(state === undefined ? {} : { state }) };
    return this.#edits.find(scope, { where, orderBy: "atUs", descending: true, limit, ...(cursor === undefined ? {} : { cursor }) });
  }
}
