import type { Documents } from "@caudal/core";
import type { Clock, FaultPoints, Logger, Metrics, Sleep } from "@caudal/runtime";
import type { CredentialStore } from "../credentials/credential-store.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Regulator } from "../regulators/regulator.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import type { CentreLeases } from "./centre-leases.ts";
import type { SendSwitch } from "./send-switch.ts";

/** How a submitter behaves; what is absent is as `usualPace` says. */
export interface SubmitterPace {
  /** Between two sends of one control centre. */
  readonly pauseMs: number;
  /** After which an answer is no longer waited for. */
  readonly timeoutMs: number;
  /** An attempt that is older when the socket should open is not sent any more. */
  readonly staleMs: number;
  /** An attempt without an outcome is over after this: it may have been held for `staleMs` before its socket, and then waited for its answer. */
  readonly abandonedMs: number;
  /** Control centres that send at once, works that are looked at at once. */
  readonly centres: number;
  readonly looks: number;
  /** A control centre leaves off after so long in one round, so that no slow one keeps the others from what became due. */
  readonly roundMs: number;
  /** A work without anything due is looked at again after so long. */
  readonly lookAgainMs: number;
  /** Works are searched for slots that were not accepted within the permitted delay this often. */
  readonly lateCheckMs: number;
  /** GETs of one round of verification, how far apart, and how long after the acceptance at the earliest. */
  readonly verifications: number;
  readonly verifyPauseMs: number;
  readonly verifyAfterMs: number;
  /** A GET without a usable answer is repeated after so long. */
  readonly verifyAgainMs: number;
}

export const usualPace: SubmitterPace = {
  pauseMs: 1000, timeoutMs: 15_000, staleMs: 30_000, abandonedMs: 60_000, centres: 8, looks: 16, roundMs: 30_000, lookAgainMs: 15_000, lateCheckMs: 600_000,
  verifications: 200, verifyPauseMs: 250, verifyAfterMs: 60_000, verifyAgainMs: 3_600_000,
};

export interface SubmitterOptions {
  readonly obras: ObraBook;
  readonly slots: SlotBook;
  readonly ledger: Ledger;
  readonly credentials: CredentialStore;
  readonly regulators: ReadonlyMap<string, Regulator>;
  readonly sendSwitch: SendSwitch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings?: Partial<SubmitterPace>;
  /** Given where several processes submit: one at a time sends for a control centre. Without them each work is safe all the same, but a centre's sends are serial in each process alone. */
  readonly documents?: Documents;
  /** The real one when absent. */
  readonly sleep?: Sleep;
  /** Named points: `compliance/submission.attempt`, `.post`, `.outcome`, each with `/before` and `/after`. */
  readonly faults?: FaultPoints;
}

/** What all parts of a submitter work with. */
export interface SubmitterParts extends Omit<SubmitterOptions, "settings" | "sleep" | "faults" | "documents"> {
  readonly pace: SubmitterPace;
  readonly sleep: Sleep;
  readonly faults: FaultPoints;
  readonly leases: CentreLeases;
  /** Aborted when the submitter stops: nothing new begins. */
  readonly stopping: AbortSignal;
}

/** The name under which a submitter writes entries. */
export const BY = "submitter";
