import { readStopped, readWork } from "./obra-status.ts";
import { asInstantMs, asList, asNumber, asRecord } from "./read.ts";

/** What waits to be sent of one work, and when it is through. */
export interface PlannedWork {
  readonly work: string;
  readonly regulator: string;
  readonly code: string;
  readonly waiting: number;
  readonly oldestMs: number | null;
  readonly next: { readonly slotMs: number; readonly dueMs: number | null } | null;
  readonly doneMs: number | null;
  readonly stopped: string | null;
}

export interface SendPlan {
  readonly atMs: number | null;
  readonly works: readonly PlannedWork[];
  readonly total: number;
  readonly doneMs: number | null;
}

export function readSendPlan(body: unknown): SendPlan {
  const row = asRecord(body);
  return {
    atMs: asInstantMs(row["at"]), works: asList(row["works"], readPlannedWork), total: asNumber(row["total"]), doneMs: asInstantMs(row["doneAt"]),
  };
}

function readPlannedWork(value: unknown): PlannedWork | undefined {
  const row = asRecord(value);
  const parts = readWork(row);
  if (parts === undefined) return undefined;
  const next = asRecord(row["next"]);
  const slotMs = asInstantMs(next["slot"]);
  return {
    ...parts, waiting: asNumber(row["waiting"]), oldestMs: asInstantMs(row["oldest"]), next: slotMs === null ? null : { slotMs, dueMs: asInstantMs(next["dueAt"]) }, doneMs: asInstantMs(row["doneAt"]),
    stopped: readStopped(row["stopped"]),
  };
}

/** What is being waited for longest first, so that what hangs stands on top. */
export function longestFirst(works: readonly PlannedWork[]): PlannedWork[] {
  const done = ({ doneMs, waiting }: PlannedWork) => (waiting === 0 ? -1 : (doneMs ?? Number.MAX_SAFE_INTEGER));
  return [...works].sort((a, b) => done(b) - done(a) || b.waiting - a.waiting || a.work.localeCompare(b.work));
}
