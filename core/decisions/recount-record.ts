import type { CollectionSpec } from "../ports/documents.ts";

/** What reached further back than judging remembers, so that what follows from it is computed again. */
export type RecountCause = "samples" | "configuration" | "decision" | "correction" | "remap";

/** The newest recount of a point: that it waits, or what came of it. Document id: the point. */
export interface RecountRecord {
  readonly client: string;
  readonly point: string;
  readonly state: "waiting" | "done";
  /** What it is for, by kind of point event. */
  readonly causes: readonly RecountCause[];
  /** Oldest instant from which facts are computed again. */
  readonly behindUs: number;
  /** When it was noticed, and when all that follows stood in the log; null while it waits. */
  readonly sinceUs: number;
  readonly doneAtUs: number | null;
  /** Facts that are otherwise since, of how many UTC days, and their first and last instants; null where there are none. */
  readonly facts: number;
  readonly days: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** Decisions that the totaliser makes now, and no longer makes. */
  readonly decisionsMade: number;
  readonly decisionsGone: number;
}

export const recountCollection: CollectionSpec = { name: "recounts", tenant: true, indexes: [["state", "sinceUs"], ["client", "sinceUs"], ["sinceUs"]] };
